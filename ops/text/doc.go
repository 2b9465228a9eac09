// Package text turns texts into the numbers that models take: the readers of Paddle
// Serving's paddle_serving_app, id for id, and BERT's WordPiece tokenizer.
//
// A reader is described by a small struct ([IMDB], [Criteo], [LAC], [Senta],
// [ChineseBERT], [WordPiece]), whose zero fields mean what the original does. Open
// reads the dictionaries that it names and gives the reader itself, which is safe for
// concurrent use and never changes. Methods called Append take a slice to append to, so
// that a caller who keeps it allocates nothing. [Sequences] and [Padded] make tensors
// of ids.
//
// Texts are UTF-8; anything else is InvalidArgument with the place of the first wrong
// byte. Time and memory are linear in the text. Lower case, blanks and line ends are
// Python's, which differ from Go's for a few characters.
//
// One invariant: a word that no dictionary has is never an error; it has the id that
// the reader gives to unknown words.
package text
