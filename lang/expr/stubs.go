package expr

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

type frame struct{}
type impl func(*frame, Node, []value.Value) (value.Value, error)
type Rules struct{}

func admits(*Type, value.Value) bool  { return false }
func AppendType([]byte, *Type) []byte { return nil }

type treeFault struct {
	code      diag.Code
	span      source.Span
	msg, help string
}

func higherOrder(*Filter) (*signature, []Node, *treeFault)              { return nil, nil, nil }
func filterBatch(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func filterCapitalize(*frame, Node, []value.Value) (value.Value, error) { return value.Null, nil }
func filterDictSort(*frame, Node, []value.Value) (value.Value, error)   { return value.Null, nil }
func filterEscape(*frame, Node, []value.Value) (value.Value, error)     { return value.Null, nil }
func filterFileSize(*frame, Node, []value.Value) (value.Value, error)   { return value.Null, nil }
func filterFirst(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func filterFloat(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func filterGroupBy(*frame, Node, []value.Value) (value.Value, error)    { return value.Null, nil }
func filterIndent(*frame, Node, []value.Value) (value.Value, error)     { return value.Null, nil }
func filterInt(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func filterItems(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func filterJoin(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func filterLast(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func filterMax(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func filterMin(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func filterReplace(*frame, Node, []value.Value) (value.Value, error)    { return value.Null, nil }
func filterReverse(*frame, Node, []value.Value) (value.Value, error)    { return value.Null, nil }
func filterRound(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func filterSafe(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func filterSlice(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func filterSort(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func filterStripTags(*frame, Node, []value.Value) (value.Value, error)  { return value.Null, nil }
func filterSum(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func filterTitle(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func filterToJSON(*frame, Node, []value.Value) (value.Value, error)     { return value.Null, nil }
func filterTrim(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func filterTruncate(*frame, Node, []value.Value) (value.Value, error)   { return value.Null, nil }
func filterURLEncode(*frame, Node, []value.Value) (value.Value, error)  { return value.Null, nil }
func filterUnique(*frame, Node, []value.Value) (value.Value, error)     { return value.Null, nil }
func filterWordCount(*frame, Node, []value.Value) (value.Value, error)  { return value.Null, nil }
func filterWordWrap(*frame, Node, []value.Value) (value.Value, error)   { return value.Null, nil }
func fnAbs(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func fnAll(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func fnAny(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func fnBool(*frame, Node, []value.Value) (value.Value, error)           { return value.Null, nil }
func fnCoalesce(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func fnContains(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func fnDecimal(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func fnDefault(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func fnEndsWith(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func fnFloat(*frame, Node, []value.Value) (value.Value, error)          { return value.Null, nil }
func fnFormat(*frame, Node, []value.Value) (value.Value, error)         { return value.Null, nil }
func fnInt(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func fnIsEmpty(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func fnIsNone(*frame, Node, []value.Value) (value.Value, error)         { return value.Null, nil }
func fnJoin(*frame, Node, []value.Value) (value.Value, error)           { return value.Null, nil }
func fnLStrip(*frame, Node, []value.Value) (value.Value, error)         { return value.Null, nil }
func fnLen(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func fnList(*frame, Node, []value.Value) (value.Value, error)           { return value.Null, nil }
func fnLower(*frame, Node, []value.Value) (value.Value, error)          { return value.Null, nil }
func fnNow(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func fnPow(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func fnRStrip(*frame, Node, []value.Value) (value.Value, error)         { return value.Null, nil }
func fnRange(*frame, Node, []value.Value) (value.Value, error)          { return value.Null, nil }
func fnReplace(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func fnReversed(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func fnRound(*frame, Node, []value.Value) (value.Value, error)          { return value.Null, nil }
func fnSet(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func fnSplit(*frame, Node, []value.Value) (value.Value, error)          { return value.Null, nil }
func fnStartsWith(*frame, Node, []value.Value) (value.Value, error)     { return value.Null, nil }
func fnStr(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func fnStrip(*frame, Node, []value.Value) (value.Value, error)          { return value.Null, nil }
func fnSum(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func fnTimestamp(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func fnTuple(*frame, Node, []value.Value) (value.Value, error)          { return value.Null, nil }
func fnUTCNow(*frame, Node, []value.Value) (value.Value, error)         { return value.Null, nil }
func fnUpper(*frame, Node, []value.Value) (value.Value, error)          { return value.Null, nil }
func fnZip(*frame, Node, []value.Value) (value.Value, error)            { return value.Null, nil }
func testBoolean(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func testDivisibleBy(*frame, Node, []value.Value) (value.Value, error)  { return value.Null, nil }
func testEq(*frame, Node, []value.Value) (value.Value, error)           { return value.Null, nil }
func testEven(*frame, Node, []value.Value) (value.Value, error)         { return value.Null, nil }
func testFalse(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func testFloat(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func testGe(*frame, Node, []value.Value) (value.Value, error)           { return value.Null, nil }
func testGt(*frame, Node, []value.Value) (value.Value, error)           { return value.Null, nil }
func testIn(*frame, Node, []value.Value) (value.Value, error)           { return value.Null, nil }
func testInteger(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func testIterable(*frame, Node, []value.Value) (value.Value, error)     { return value.Null, nil }
func testLe(*frame, Node, []value.Value) (value.Value, error)           { return value.Null, nil }
func testLower(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
func testLt(*frame, Node, []value.Value) (value.Value, error)           { return value.Null, nil }
func testMapping(*frame, Node, []value.Value) (value.Value, error)      { return value.Null, nil }
func testNe(*frame, Node, []value.Value) (value.Value, error)           { return value.Null, nil }
func testNone(*frame, Node, []value.Value) (value.Value, error)         { return value.Null, nil }
func testNumber(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func testOdd(*frame, Node, []value.Value) (value.Value, error)          { return value.Null, nil }
func testSameAs(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func testSequence(*frame, Node, []value.Value) (value.Value, error)     { return value.Null, nil }
func testString(*frame, Node, []value.Value) (value.Value, error)       { return value.Null, nil }
func testTrue(*frame, Node, []value.Value) (value.Value, error)         { return value.Null, nil }
func testUpper(*frame, Node, []value.Value) (value.Value, error)        { return value.Null, nil }
