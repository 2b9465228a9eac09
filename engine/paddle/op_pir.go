package paddle

// pirOps are operators that came with Paddle 3 and have no name in earlier programs.
var pirOps = map[string]operator{
	"if":        {translate: pirIf},
	"pir_while": {translate: pirWhile},
	"baddbmm":   {translate: addmm},
	"shape64":   {translate: shape64},
}

// shape64 translates shape64: the sizes, as int64.
func shape64(o *op) {
	o.output("Out", o.node("Shape", []string{o.input("Input").name}))
}
