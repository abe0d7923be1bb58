package value

// Sort sorts items in place as Python's sort: stable, also when reversed. The
// first pair without an order is an error, and items are then in no particular
// order.
func Sort(items []Value, reverse bool) error { return SortBy(items, items, reverse) }

// SortBy sorts items by keys, which has the same length (or is the same slice)
// and is sorted along. It takes n log n comparisons, each at most as long as the
// smaller key.
func SortBy(items, keys []Value, reverse bool) error {
	n := len(items)
	if n < 2 {
		return nil
	}
	s := &merger{keys: keys, reverse: reverse, order: make([]int32, n), spare: make([]int32, n)}
	for i := range s.order {
		s.order[i] = int32(i)
	}
	if err := s.sort(0, n); err != nil {
		return err
	}
	shared := &items[0] == &keys[0]
	permute(items, s.order)
	if !shared {
		permute(keys, s.order)
	}
	return nil
}

func permute(items []Value, order []int32) {
	old := append([]Value(nil), items...)
	for i, from := range order {
		items[i] = old[from]
	}
}

// merger is a merge sort of positions.
type merger struct {
	keys         []Value
	order, spare []int32
	reverse      bool
}

// before reports whether the key at j, which stands after i, belongs before it.
func (m *merger) before(j, i int32) (bool, error) {
	if m.reverse {
		return Less(m.keys[i], m.keys[j])
	}
	return Less(m.keys[j], m.keys[i])
}

func (m *merger) sort(lo, hi int) error {
	if hi-lo <= 8 {
		return m.insertion(lo, hi)
	}
	mid := lo + (hi-lo)/2
	if err := m.sort(lo, mid); err != nil {
		return err
	}
	if err := m.sort(mid, hi); err != nil {
		return err
	}
	// Halves that are already in order, as in sorted input, need no merge.
	swap, err := m.before(m.order[mid], m.order[mid-1])
	if err != nil || !swap {
		return err
	}
	copy(m.spare[lo:mid], m.order[lo:mid])
	left, right, out := lo, mid, lo
	for left < mid && right < hi {
		swap, err := m.before(m.order[right], m.spare[left])
		if err != nil {
			return err
		}
		if swap {
			m.order[out] = m.order[right]
			right++
		} else {
			m.order[out] = m.spare[left]
			left++
		}
		out++
	}
	copy(m.order[out:], m.spare[left:mid])
	return nil
}

func (m *merger) insertion(lo, hi int) error {
	for i := lo + 1; i < hi; i++ {
		x := m.order[i]
		j := i
		for ; j > lo; j-- {
			swap, err := m.before(x, m.order[j-1])
			if err != nil {
				return err
			}
			if !swap {
				break
			}
			m.order[j] = m.order[j-1]
		}
		m.order[j] = x
	}
	return nil
}
