package engine

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// VersionPolicy says which versions of a model are loaded. The zero policy is the
// newest.
type VersionPolicy struct {
	// Latest is the number of newest versions; 0 means 1.
	Latest int
	// All loads every version.
	All bool
	// Specific are versions by number, and no others.
	Specific []string
}

// ParseVersionPolicy reads "latest", "latest:N", "all", or version numbers separated
// by commas.
func ParseVersionPolicy(text string) (VersionPolicy, error) {
	kind, number, counted := strings.Cut(text, ":")
	switch {
	case text == "all":
		return VersionPolicy{All: true}, nil
	case text == "latest":
		return VersionPolicy{}, nil
	case kind == "latest" && counted:
		if n, err := strconv.Atoi(number); err == nil && n > 0 {
			return VersionPolicy{Latest: n}, nil
		}
	default:
		versions := strings.Split(text, ",")
		if !slices.ContainsFunc(versions, func(v string) bool { return !isVersion(v) }) {
			return VersionPolicy{Specific: versions}, nil
		}
	}
	return VersionPolicy{}, fmt.Errorf("version policy %q, want latest, latest:N, all, or numbers such as 1,3", text)
}

// isVersion says that a directory's name is a version: a positive number.
func isVersion(name string) bool {
	n, err := strconv.ParseUint(name, 10, 63)
	return err == nil && n > 0 && name[0] != '0' && name[0] != '+'
}

// byNumber orders versions from the oldest to the newest.
func byNumber(a, b string) int {
	x, _ := strconv.ParseUint(a, 10, 63)
	y, _ := strconv.ParseUint(b, 10, 63)
	return cmp.Compare(x, y)
}

// choose returns those of the versions that are to be loaded, from the oldest to the
// newest.
func (p VersionPolicy) choose(versions []string) []string {
	versions = slices.Clone(versions)
	slices.SortFunc(versions, byNumber)
	switch {
	case p.All:
		return versions
	case len(p.Specific) > 0:
		return slices.DeleteFunc(versions, func(v string) bool { return !slices.Contains(p.Specific, v) })
	}
	return versions[max(0, len(versions)-max(1, p.Latest)):]
}

// versionsIn finds the versions of a model on disk and where they are: the
// subdirectories whose names are numbers, or the path itself as version 1.
func versionsIn(path string) (map[string]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, reason(err)
	}
	if !info.IsDir() {
		return map[string]string{"1": path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, reason(err)
	}
	found := map[string]string{}
	for _, e := range entries {
		full := filepath.Join(path, e.Name())
		// Stat, so that a link to a directory is one.
		if info, err := os.Stat(full); err == nil && info.IsDir() && isVersion(e.Name()) {
			found[e.Name()] = full
		}
	}
	if len(found) == 0 {
		found["1"] = path
	}
	return found, nil
}
