package cluster

import (
	"errors"

	"github.com/sampanml/sampan"
)

// Kind says how far a call got that has no answer.
type Kind uint8

const (
	// Answered: the server said something, good or bad.
	Answered Kind = iota
	// Refused: no connection could be made, nothing was sent.
	Refused
	// Broken: the connection broke before the answer came.
	Broken
	// Beaten: another server was faster, and the call was given up.
	Beaten
)

// Mark says of an error how far the call got.
func Mark(kind Kind, err error) error { return &marked{err, kind} }

type marked struct {
	error
	kind Kind
}

func (m *marked) Unwrap() error { return m.error }

// KindOf returns the mark of an error, Answered where it has none.
func KindOf(err error) Kind {
	if err == nil {
		return Answered
	}
	var m *marked
	if errors.As(err, &m) {
		return m.kind
	}
	return Answered
}

// unanswered reports whether an error speaks against the server: it was not there, or
// did not answer in time.
func unanswered(err error) bool {
	switch sampan.CodeOf(err) {
	case sampan.Unavailable, sampan.DeadlineExceeded:
		return true
	}
	return KindOf(err) != Answered
}
