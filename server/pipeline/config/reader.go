package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// reader gathers what is wrong with a file while it is read.
type reader struct {
	name    string
	options Options

	faults, warnings remarks
	// dropped is the number of faults that came after the first maxFaults.
	dropped int
	notes   []string
}

// maxFaults bounds the message of a file that is wrong all over.
const maxFaults = 100

// remark is a sentence on a line of the file; line 0 is an override.
type remark struct {
	line int
	text string
}

type remarks []remark

// texts are the remarks in the order of the file.
func (rs remarks) texts(name string) []string {
	slices.SortStableFunc(rs, func(a, b remark) int { return cmp.Compare(a.line, b.line) })
	var out []string
	for _, r := range rs {
		out = append(out, place(name, r.line)+": "+r.text)
	}
	return out
}

// place is a line for messages.
func place(name string, line int) string {
	if line == 0 {
		return "override"
	}
	return fmt.Sprintf("%s:%d", name, line)
}

// fault reports what is wrong at a path; "" is the whole file.
func (r *reader) fault(line int, path, format string, args ...any) {
	if len(r.faults) == maxFaults {
		r.dropped++
		return
	}
	r.faults = append(r.faults, remark{line, at(path) + fmt.Sprintf(format, args...)})
}

// unknown reports a key that nobody knows.
func (r *reader) unknown(line int, path, text string) {
	if r.options.Strict {
		r.fault(line, path, "%s", text)
		return
	}
	r.warnings = append(r.warnings, remark{line, at(path) + text})
}

// note reports what has no effect.
func (r *reader) note(path, why string) {
	r.notes = append(r.notes, fmt.Sprintf("%s has no effect: %s", path, why))
}

// err has every fault.
func (r *reader) err() error {
	var all []error
	for _, text := range r.faults.texts(r.name) {
		all = append(all, errors.New(text))
	}
	if r.dropped > 0 {
		all = append(all, fmt.Errorf("and %d more", r.dropped))
	}
	return errors.Join(all...)
}

func at(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// join is the path of a key in a mapping.
func join(path, key string) string {
	if !plain(key) {
		key = short(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// plain reports whether a key can stand in a path as it is.
func plain(key string) bool {
	for _, c := range key {
		if c <= ' ' || c == '.' || c == '"' || c == 0x7f {
			return false
		}
	}
	return key != "" && len(key) <= maxShown
}

// maxShown is the most that a message shows of a text, in bytes.
const maxShown = 60

// short is a text in quotes, cut if it is long.
func short(text string) string {
	if len(text) > maxShown {
		return fmt.Sprintf("%.*q...", maxShown, text)
	}
	return fmt.Sprintf("%q", text)
}
