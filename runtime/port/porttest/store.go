package porttest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Store tests a store. open gives an empty one; reopen gives the same one as another
// process would see it, or is nil if that cannot be.
func Store(t *testing.T, open func(t *testing.T) port.Store, reopen func(t *testing.T, s port.Store) port.Store) {
	get := func(t *testing.T, s port.Store, key string) string {
		t.Helper()
		v, ok, err := s.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return "nothing"
		}
		text, err := value.AppendJSON(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	set := func(t *testing.T, s port.Store, key, text string, ttl time.Duration) {
		t.Helper()
		if err := s.Set(t.Context(), key, object(text), ttl); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("values come back as they were", func(t *testing.T) {
		s := open(t)
		if got := get(t, s, "a"); got != "nothing" {
			t.Errorf("an empty store has %s", got)
		}
		for i, text := range []string{`{"z":1,"a":[true,null,1.5,"é😀"],"n":123456789012345678901234567890}`, `null`, `""`, `[]`, `false`, `"` + strings.Repeat("x", 100_000) + `"`} {
			key := fmt.Sprint("k", i)
			set(t, s, key, text, 0)
			if got := get(t, s, key); got != text {
				t.Errorf("got %.100s, want %.100s", got, text)
			}
		}
		set(t, s, "k0", `2`, 0)
		if got := get(t, s, "k0"); got != "2" {
			t.Errorf("a value that was replaced is %s", got)
		}
	})
	t.Run("keys", func(t *testing.T) {
		s := open(t)
		keys := []string{"a", "a/b", "a%b", "a_b", "A", "é", "b'; DROP TABLE x", strings.Repeat("k", port.MaxKey), "..", "a\nb"}
		for _, k := range keys {
			set(t, s, k, `1`, 0)
		}
		slices.Sort(keys)
		if got, err := s.Keys(t.Context(), ""); err != nil || !slices.Equal(got, keys) {
			t.Errorf("the keys are %q, %v", got, err)
		}
		for prefix, want := range map[string]string{"a": "a|a\nb|a%b|a/b|a_b", "a_": "a_b", "a%": "a%b", "é": "é", "nothing": ""} {
			if got, err := s.Keys(t.Context(), prefix); err != nil || strings.Join(got, "|") != want {
				t.Errorf("the keys with %q are %q, %v", prefix, got, err)
			}
		}
		for _, bad := range []string{"", strings.Repeat("k", port.MaxKey+1), "a\x00b", "a\xffb"} {
			if err := s.Set(t.Context(), bad, value.Null, 0); err == nil || port.AsError(err).Class != port.ClassInvalidInput {
				t.Errorf("the key %.20q gives %v", bad, err)
			}
			if _, _, err := s.Get(t.Context(), bad); err == nil {
				t.Errorf("the key %.20q can be read", bad)
			}
		}
	})
	t.Run("deleting", func(t *testing.T) {
		s := open(t)
		set(t, s, "a", `1`, 0)
		for i, want := range []bool{true, false} {
			if got, err := s.Delete(t.Context(), "a"); err != nil || got != want {
				t.Errorf("time %d gives %v, %v", i+1, got, err)
			}
		}
		if got := get(t, s, "a"); got != "nothing" {
			t.Errorf("it is still there: %s", got)
		}
	})
	t.Run("values expire", func(t *testing.T) {
		s := open(t)
		set(t, s, "short", `1`, 30*time.Millisecond)
		set(t, s, "long", `2`, time.Hour)
		set(t, s, "kept", `3`, 30*time.Millisecond)
		set(t, s, "kept", `4`, 0)
		time.Sleep(60 * time.Millisecond)
		if a, b, c := get(t, s, "short"), get(t, s, "long"), get(t, s, "kept"); a != "nothing" || b != "2" || c != "4" {
			t.Errorf("got %s, %s, %s", a, b, c)
		}
		if keys, err := s.Keys(t.Context(), ""); err != nil || strings.Join(keys, "|") != "kept|long" {
			t.Errorf("the keys are %q, %v", keys, err)
		}
		if existed, err := s.Delete(t.Context(), "short"); err != nil || existed {
			t.Errorf("what has expired can be deleted: %v, %v", existed, err)
		}
	})
	t.Run("calls at the same time", func(t *testing.T) {
		s := open(t)
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				for j := range 5 {
					key := fmt.Sprint("k", (i+j)%4)
					if err := s.Set(context.Background(), key, value.Int(int64(i)), 0); err != nil {
						t.Error(err)
					}
					if _, ok, err := s.Get(context.Background(), key); err != nil || !ok {
						t.Errorf("got %v, %v", ok, err)
					}
				}
			})
		}
		wg.Wait()
	})
	if reopen == nil {
		return
	}
	t.Run("values stay for another process", func(t *testing.T) {
		s := open(t)
		set(t, s, "a", `{"b":1}`, 0)
		if got := get(t, reopen(t, s), "a"); got != `{"b":1}` {
			t.Errorf("got %s", got)
		}
	})
}

// Database tests a database; parameter gives the n-th parameter as it is written.
func Database(t *testing.T, open func(t *testing.T) port.Database, parameter func(n int) string) {
	db := open(t)
	query := func(text string, args ...value.Value) (*port.QueryResult, error) {
		return db.Query(t.Context(), text, args)
	}
	must := func(text string, args ...value.Value) *port.QueryResult {
		t.Helper()
		r, err := query(text, args...)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	_, _ = query("DROP TABLE hexdag_test")
	must("CREATE TABLE hexdag_test (id INTEGER PRIMARY KEY, name TEXT, score DOUBLE PRECISION)")
	t.Cleanup(func() { _, _ = db.Query(context.Background(), "DROP TABLE hexdag_test", nil) })
	evil := "x'); DROP TABLE hexdag_test; --"
	insert := "INSERT INTO hexdag_test (id, name, score) VALUES (" + parameter(1) + ", " + parameter(2) + ", " + parameter(3) + ")"
	for i, name := range []string{"é", evil} {
		if r := must(insert, value.Int(int64(i+1)), value.String(name), value.Float(1.5)); r.Affected != 1 {
			t.Errorf("%d rows were changed", r.Affected)
		}
	}
	must(insert, value.Int(3), value.Null, value.Null)
	r := must("SELECT name, id, score FROM hexdag_test WHERE id > "+parameter(1)+" ORDER BY id", value.Int(1))
	got := make([]string, len(r.Rows))
	for i := range r.Rows {
		got[i] = value.Repr(r.Rows[i])
	}
	if want := `{'name': "` + evil + `", 'id': 2, 'score': 1.5} {'name': None, 'id': 3, 'score': None}`; strings.Join(got, " ") != want {
		t.Errorf("got %s", got)
	}
	if r := must("UPDATE hexdag_test SET score = 2 WHERE id < 3 RETURNING id"); len(r.Rows) != 2 {
		t.Errorf("RETURNING gives %d rows", len(r.Rows))
	}
	for _, bad := range []string{"SELECT 1; SELECT 2", "", ";", "/* open", "SELECT 'open", "no sql at all", "SELECT * FROM hexdag_nothing"} {
		if _, err := query(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
