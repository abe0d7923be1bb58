package value

import (
	"fmt"
	"strings"
)

// strftime is Python's strftime in the C locale. It is written here because
// what differs from C (%f, %z and %Z of naive datetimes) is the part that has to
// be right. An unknown directive stays as it is, as glibc leaves it.
func (m *moment) strftime(layout string) (string, error) {
	if len(layout) > MaxStringBytes/64 {
		return "", limitErrorf("the strftime format has %d bytes; the limit is %d", len(layout), MaxStringBytes/64)
	}
	var b strings.Builder
	for i := 0; i < len(layout); i++ {
		c := layout[i]
		if c != '%' || i+1 == len(layout) {
			b.WriteByte(c)
			continue
		}
		i++
		if !m.directive(&b, layout[i]) {
			b.WriteByte('%')
			b.WriteByte(layout[i])
		}
	}
	return b.String(), nil
}

func (m *moment) directive(b *strings.Builder, c byte) bool {
	t := m.t
	hour12 := (t.Hour()+11)%12 + 1
	weekday := int(t.Weekday())
	num := func(format string, args ...any) { fmt.Fprintf(b, format, args...) }
	switch c {
	case 'a':
		b.WriteString(t.Weekday().String()[:3])
	case 'A':
		b.WriteString(t.Weekday().String())
	case 'b', 'h':
		b.WriteString(t.Month().String()[:3])
	case 'B':
		b.WriteString(t.Month().String())
	case 'c':
		num("%s %s %2d %s %d", t.Weekday().String()[:3], t.Month().String()[:3], t.Day(), t.Format("15:04:05"), t.Year())
	case 'C':
		num("%02d", t.Year()/100)
	case 'd':
		num("%02d", t.Day())
	case 'D', 'x':
		b.WriteString(t.Format("01/02/06"))
	case 'e':
		num("%2d", t.Day())
	case 'f':
		num("%06d", t.Nanosecond()/1000)
	case 'F':
		num("%d-%02d-%02d", t.Year(), t.Month(), t.Day())
	case 'g':
		y, _ := t.ISOWeek()
		num("%02d", y%100)
	case 'G':
		y, _ := t.ISOWeek()
		num("%d", y)
	case 'H':
		num("%02d", t.Hour())
	case 'I':
		num("%02d", hour12)
	case 'j':
		num("%03d", t.YearDay())
	case 'k':
		num("%2d", t.Hour())
	case 'l':
		num("%2d", hour12)
	case 'm':
		num("%02d", t.Month())
	case 'M':
		num("%02d", t.Minute())
	case 'n':
		b.WriteByte('\n')
	case 'p':
		b.WriteString(t.Format("PM"))
	case 'P':
		b.WriteString(t.Format("pm"))
	case 'r':
		num("%02d:%s %s", hour12, t.Format("04:05"), t.Format("PM"))
	case 'R':
		b.WriteString(t.Format("15:04"))
	case 'S':
		num("%02d", t.Second())
	case 't':
		b.WriteByte('\t')
	case 'T', 'X':
		b.WriteString(t.Format("15:04:05"))
	case 'u':
		num("%d", (weekday+6)%7+1)
	case 'U':
		num("%02d", (t.YearDay()+6-weekday)/7)
	case 'V':
		_, w := t.ISOWeek()
		num("%02d", w)
	case 'w':
		num("%d", weekday)
	case 'W':
		num("%02d", (t.YearDay()+6-(weekday+6)%7)/7)
	case 'y':
		num("%02d", t.Year()%100)
	case 'Y':
		num("%d", t.Year())
	case 'z':
		b.WriteString(m.offset(""))
	case 'Z':
		if m.aware {
			b.WriteString(m.zoneName())
		}
	case '%':
		b.WriteByte('%')
	default:
		return false
	}
	return true
}

// zoneName is the name that datetime.timezone gives an offset: UTC+02:00.
func (m *moment) zoneName() string {
	if _, secs := m.t.Zone(); secs == 0 {
		return "UTC"
	}
	return "UTC" + m.offset(":")
}
