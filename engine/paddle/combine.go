package paddle

import (
	"io/fs"
	"os"
)

// Combine reads the model in dir as two files: the program as it is, and all
// parameters in one, as Paddle joins them. The parameters are checked against the
// program; params is nil where there are none. The operators need not be supported.
func (f Format) Combine(dir string) (program, params []byte, err error) {
	return f.combine(os.DirFS(dir))
}

func (f Format) combine(fsys fs.FS) (program, params []byte, err error) {
	l, p, err := f.open(fsys)
	if err != nil {
		return nil, nil, err
	}
	if _, err := readParameters(fsys, l.params, p); err != nil {
		return nil, nil, err
	}
	if program, err = readFile(fsys, l.programs[0], maxProgram); err != nil {
		return nil, nil, err
	}
	files := p.persistable
	if l.params != "" && len(files) > 0 {
		files = []string{l.params}
	}
	for _, name := range files {
		data, err := readFile(fsys, name, maxParameters-int64(len(params)))
		if err != nil {
			return nil, nil, err
		}
		params = append(params, data...)
	}
	return program, params, nil
}
