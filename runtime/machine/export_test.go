package machine

import "hexdag.dev/hexdag/lang/value"

// PreparedInput is what the top-level node of that name receives, before its
// declared input is enforced.
func PreparedInput(m *Machine, name string) value.Value {
	for i := range m.scopes[0].body.nodes {
		nd := &m.scopes[0].body.nodes[i]
		if nd.ir.Name == name {
			f := m.frameFor(0, nd, nil)
			if fail := f.mapping(); fail != nil {
				return value.Null
			}
			return m.preparedInput(f)
		}
	}
	return value.Missing
}

// Faults by name.
var Faults = map[string]fault{
	"counter": faultCounter, "slice clock": faultSliceClock, "snapshot epoch": faultSnapshotEpoch,
	"same call": faultSameCall, "extra try": faultExtraTry, "new key": faultNewKey, "stale": faultStale,
	"overgrant": faultOvergrant, "keep held": faultKeepHeld, "no caps": faultNoCaps, "lost wakeup": faultLostWakeup,
	"lost timer": faultLostTimer, "early end": faultEarlyEnd, "early start": faultEarlyStart, "any skip": faultAnySkip, "handler": faultHandler,
	"result order": faultResultOrder, "extra slot": faultExtraSlot, "lazy": faultLazy, "extra body": faultExtraBody,
	"early timer": faultEarlyTimer, "cancel starts": faultCancelStarts, "ignore hold": faultIgnoreHold,
	"twice": faultTwice, "deaf": faultDeaf, "skipped exit": faultSkippedExit, "lost export": faultLostExport, "observers": faultObservers,
	"signal twice": faultSignalTwice,
	"kid budget":   faultKidBudget, "kid slots": faultKidSlots, "deaf kids": faultDeafKids, "kid id": faultKidID,
}

// Break breaks a rule of the machine.
func (m *Machine) Break(name string) {
	f, ok := Faults[name]
	if !ok {
		panic("no fault " + name)
	}
	m.fault, m.ledger.fault = f, f
}
