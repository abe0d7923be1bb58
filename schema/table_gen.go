package schema

var (
	defs          = [...]Def{}
	kinds         = []*Def{}
	kindNames     = []string{}
	nodeKinds     = [...]NodeKindInfo{}
	nodeSpellings = [...]Spelling{}
)
