package ir

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"slices"

	"hexdag.dev/hexdag/lang/expr"
)

// SemanticHash is "sha256:" and the hexadecimal hash of what p does: places,
// file names, comments, the spelling of expressions and the provenance of
// settings are not in it. Two programs with equal semantic hashes run alike, so
// that a run may be resumed with either.
func SemanticHash(p *Program) string {
	e := encoder{semantic: true}
	return digest(e.appendStruct(nil, reflect.ValueOf(p).Elem()))
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// appendSemanticExpr writes what an expression means: its mode, its canonical
// text and what its heads refer to.
func (e *encoder) appendSemanticExpr(dst []byte, v reflect.Value) []byte {
	x := v.Addr().Interface().(*Expr)
	dst = appendHead(dst, majorArray, 5)
	dst = appendHead(dst, majorUint, uint64(x.Mode))
	dst = appendText(dst, canonicalText(x))
	dst = appendValue(dst, x.Const)
	dst = appendHead(dst, majorArray, uint64(len(x.Keys)+len(x.Items)))
	for _, k := range x.Keys {
		dst = appendText(dst, k)
	}
	for i := range x.Items {
		dst = e.appendSemanticExpr(dst, reflect.ValueOf(&x.Items[i]).Elem())
	}
	slots := x.Slots
	if e.byName {
		slots = slices.Clone(slots)
		for i := range slots {
			if slots[i].Kind == SlotNode {
				slots[i].Index = 0
			}
		}
	}
	return e.append(dst, reflect.ValueOf(&slots).Elem())
}

// canonicalText is the text of x without differences of spelling.
func canonicalText(x *Expr) string {
	if x.Tree == nil {
		return x.Text
	}
	tree, err := expr.Decode(x.Tree)
	if err != nil {
		return x.Text // Verify reports it
	}
	return expr.Print(tree)
}
