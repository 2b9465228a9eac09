// Package paddle reads Paddle inference models and translates them to ONNX (opset 17)
// at load or ahead of time.
//
// A model is a directory with a program (__model__, *.pdmodel, model, or *.json of
// Paddle 3) and its parameters: one file each, or all in *.pdiparams, __params__ or
// params. [Format] is the way in; it implements engine.Translator.
//
// Inside, the way is straight: locate the files, read the program (one of Paddle 3 is
// lowered to the form of earlier ones, by the tables in pir_*.go), refuse what is not
// supported, read the parameters, and walk the main block once, and with an operator
// that has a sub-block that one; the table in operators.go says which function
// translates which operator. A function computes values and binds them to the
// operator's outputs; the first fault ends the walk. docs/design/paddle.md tells more.
//
// A Format keeps nothing and may be used from many goroutines. One invariant: what is
// allocated is bounded by the size of the files, whatever lengths they claim.
package paddle
