package zoo

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"

	"github.com/sampanml/sampan"
)

// Entry is what an index says of a model.
type Entry struct {
	// Name is how the model is asked for: letters, digits and . _ + -, the first a
	// letter or a digit.
	Name string `json:"name"`
	// Task is what the model is for, such as "ObjectDetection".
	Task string `json:"task"`
	// Description is one line.
	Description string `json:"description,omitempty"`
	// URL is where the model is: http, https or s3. It ends with .onnx, or .tar,
	// .tar.gz, .tgz or .zip, which are unpacked.
	URL string `json:"url,omitempty"`
	// Path stands in place of a URL: where the model is beside the index. In an index
	// on disk it may be a directory.
	Path string `json:"path,omitempty"`
	// Model is the file or directory to serve of those that are there after unpacking;
	// "" means all of them, or the only directory.
	Model string `json:"model,omitempty"`
	// SHA256 in hexadecimal, of the file; for a directory of what sha256sum prints for
	// its files in the order of their names.
	SHA256 string `json:"sha256"`
	// Size in bytes, of the file or of all files of the directory.
	Size int64 `json:"size"`
	// Licence is its SPDX name, such as "Apache-2.0".
	Licence string `json:"licence"`
}

// maxSize bounds a model, in bytes.
const maxSize = 1 << 40

var goodName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$`)

// validate lists every fault.
func (e *Entry) validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !goodName.MatchString(e.Name) {
		fault("name %q: want letters, digits and . _ + -, at most 100", e.Name)
	}
	for _, f := range []struct{ name, text string }{{"task", e.Task}, {"description", e.Description}, {"licence", e.Licence}} {
		switch {
		case f.text == "" && f.name != "description":
			fault("%s is missing", f.name)
		case len(f.text) > 200 || strings.ContainsFunc(f.text, unicode.IsControl):
			fault("%s %.40q: want one line of at most 200 bytes", f.name, f.text)
		}
	}
	if sum, err := hex.DecodeString(e.SHA256); err != nil || len(sum) != 32 || strings.ToLower(e.SHA256) != e.SHA256 {
		fault("sha256 %q: want 64 digits of 0-9 and a-f", e.SHA256)
	}
	if e.Size <= 0 || e.Size > maxSize {
		fault("size %d: want 1 to %d bytes", e.Size, int64(maxSize))
	}
	if e.Model != "" && !plainPath(e.Model) {
		fault("model %q: want a path within the model", e.Model)
	}
	switch {
	case (e.URL == "") == (e.Path == ""):
		fault("url %q, path %q: want one of them", e.URL, e.Path)
	case e.Path != "" && (!plainPath(e.Path) || e.Path == "."):
		fault("path %q: want a path beside the index, without ..", e.Path)
	case e.URL != "":
		if u, err := parseRemote(e.URL); err != nil {
			fault("url: %w", err)
		} else if formatOf(u.Path) == directory {
			fault("url %q: want a name that ends with .onnx, .tar, .tar.gz, .tgz or .zip", e.URL)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return sampan.Errorf(sampan.InvalidArgument, "model %q: %w", e.Name, errors.Join(faults...))
}

// plainPath reports whether a path leads nowhere else and can be printed.
func plainPath(name string) bool {
	clean, err := cleanPath(name)
	return err == nil && clean == name
}

// format is what a model comes as.
type format int

const (
	directory format = iota
	single
	tarball
	gzipped
	zipped
)

// formatOf tells a format by a path's end.
func formatOf(name string) format {
	switch name = strings.ToLower(path.Base(name)); {
	case strings.HasSuffix(name, ".onnx"):
		return single
	case strings.HasSuffix(name, ".tar"):
		return tarball
	case strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"):
		return gzipped
	case strings.HasSuffix(name, ".zip"):
		return zipped
	}
	return directory
}

// parseRemote reads an address of the kinds that there are.
func parseRemote(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "s3":
		return nil, fmt.Errorf("%q: want http://, https:// or s3://", text)
	case u.Host == "" || strings.Trim(u.Path, "/") == "":
		return nil, fmt.Errorf("%q: want a host and a path", text)
	}
	return u, nil
}
