// Package numpytext is arrays as numpy 1.x prints them, and as people and clients write
// them: array([[18.901152]], dtype=float32).
//
// [AppendRepr] and [AppendStr] give the text of repr and str, character by character;
// [Parse] reads a literal. Nothing is evaluated, and no memory is taken beyond a small
// multiple of the text.
package numpytext
