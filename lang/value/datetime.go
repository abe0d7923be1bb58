package value

import (
	"fmt"
	"time"
	"unsafe"
)

// moment is the body of a datetime: microseconds, years 1 to 9999. A naive one
// is its wall clock, kept in UTC.
type moment struct {
	t     time.Time
	aware bool
}

// Datetime is the naive datetime that t's wall clock shows in t's location, as
// datetime.now() and utcnow() make them. Nanoseconds are cut to microseconds. A
// year outside 1 to 9999, which Python has not, becomes the first or last moment.
func Datetime(t time.Time) Value {
	t = inPythonYears(t)
	naive := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000*1000, time.UTC)
	return momentValue(&moment{t: naive})
}

// AwareDatetime is t with its offset from UTC, as Datetime otherwise.
func AwareDatetime(t time.Time) Value {
	t = inPythonYears(t)
	name, offset := t.Zone()
	if offset == 0 {
		t = t.UTC()
	} else {
		t = t.In(time.FixedZone(name, offset))
	}
	return momentValue(&moment{t: t.Truncate(time.Microsecond), aware: true})
}

func inPythonYears(t time.Time) time.Time {
	switch y := t.Year(); {
	case y < 1:
		return time.Date(1, 1, 1, 0, 0, 0, 0, t.Location())
	case y > 9999:
		return time.Date(9999, 12, 31, 23, 59, 59, 999999000, t.Location())
	}
	return t
}

func momentValue(m *moment) Value { return Value{tag: tag{kind: KindDatetime}, p: unsafe.Pointer(m)} }

// IsAware reports whether v is a datetime that knows its offset from UTC.
func (v Value) IsAware() bool { return v.kind == KindDatetime && v.moment().aware }

// Timestamp is Python's v.timestamp(): seconds since 1970 UTC. A naive datetime
// is read as wall clock of loc.
func Timestamp(v Value, loc *time.Location) (Value, error) {
	if v.kind != KindDatetime {
		return Null, typeErrorf("timestamp() needs a datetime, not '%s'", v.kind)
	}
	t := v.moment().t
	if !v.moment().aware {
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc)
	}
	micros := t.UnixMicro()
	return divInts(Int(micros), Int(1_000_000))
}

func (m *moment) equal(o *moment) bool { return m.aware == o.aware && m.t.Equal(o.t) }

func (m *moment) compare(o *moment) (int, error) {
	if m.aware != o.aware {
		return 0, typeErrorf("can't compare offset-naive and offset-aware datetimes")
	}
	return m.t.Compare(o.t), nil
}

// iso is isoformat(sep).
func (m *moment) iso(sep string) string {
	t := m.t
	s := fmt.Sprintf("%04d-%02d-%02d%s%02d:%02d:%02d", t.Year(), t.Month(), t.Day(), sep, t.Hour(), t.Minute(), t.Second())
	if us := t.Nanosecond() / 1000; us != 0 {
		s += fmt.Sprintf(".%06d", us)
	}
	return s + m.offset(":")
}

// offset is ±hh:mm, with seconds where there are some; empty when naive.
func (m *moment) offset(colon string) string {
	if !m.aware {
		return ""
	}
	_, secs := m.t.Zone()
	sgn := '+'
	if secs < 0 {
		sgn, secs = '-', -secs
	}
	s := fmt.Sprintf("%c%02d%s%02d", sgn, secs/3600, colon, secs/60%60)
	if secs%60 != 0 {
		s += fmt.Sprintf("%s%02d", colon, secs%60)
	}
	return s
}

// repr is repr() of the datetime; of an aware one as UTC offset in a timezone.
func (m *moment) repr() string {
	t := m.t
	s := fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute())
	us := t.Nanosecond() / 1000
	if t.Second() != 0 || us != 0 {
		s += fmt.Sprintf(", %d", t.Second())
	}
	if us != 0 {
		s += fmt.Sprintf(", %d", us)
	}
	if m.aware {
		_, secs := t.Zone()
		s += ", tzinfo=" + timezoneRepr(secs)
	}
	return s + ")"
}

func timezoneRepr(secs int) string {
	if secs == 0 {
		return "datetime.timezone.utc"
	}
	if secs > 0 {
		return fmt.Sprintf("datetime.timezone(datetime.timedelta(seconds=%d))", secs)
	}
	return fmt.Sprintf("datetime.timezone(datetime.timedelta(days=-1, seconds=%d))", secs+86400)
}
