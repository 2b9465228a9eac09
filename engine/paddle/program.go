package paddle

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// maxProgram bounds a program, in bytes: decoded it takes many times as much. The
// largest programs of published models have a few megabytes.
const maxProgram = 256 << 20

// newerVersion is the first program version that is refused. A version is
// 1000000·major + 1000·minor + patch of the Paddle that wrote it; 0 is a development
// build. Every Paddle from 1 to 3 reads the others' programs.
const newerVersion = 4_000_000

// maxRank bounds a tensor's dimensions; Paddle's own bound is 9.
const maxRank = 16

// program is a checked ProgramDesc: the names are valid and those of variables
// unique, and the ranks are bounded.
type program struct {
	file    string
	version int64
	// writer is the kind of program and the version of what wrote it, for people.
	writer string
	blocks []*paddle.BlockDesc
	// vars are the main block's variables.
	vars map[string]*paddle.VarDesc
	// origins are the names that the operators of a Paddle 3 program have in the file.
	origins map[*paddle.OpDesc]string
	// persistable are the names of the parameters, in the order of a combined file.
	persistable []string
}

// scalars says that the program can have tensors without dimensions, as it can since
// Paddle 2.5.
func (p *program) scalars() bool { return p.version >= 2_005_000 }

// origin is the name that an operator has in the file.
func (p *program) origin(desc *paddle.OpDesc) string {
	if name, ok := p.origins[desc]; ok {
		return name
	}
	return desc.GetType()
}

// main is the block where a run begins.
func (p *program) main() *paddle.BlockDesc { return p.blocks[0] }

func readProgram(fsys fs.FS, file string) (*program, error) {
	data, err := readFile(fsys, file, maxProgram)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "read %s: 0 bytes, want a Paddle program", file)
	}
	var desc paddle.ProgramDesc
	if proto.Unmarshal(data, &desc) != nil || len(desc.Blocks) == 0 {
		if isText(data) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "%s is text, not a Paddle program", file)
		}
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s is not a Paddle program, or it is damaged", file)
	}
	v := desc.GetVersion().GetVersion()
	if v < 0 || v >= newerVersion {
		return nil, sampan.Errorf(sampan.Unimplemented, "%s has version %d (Paddle %d.%d); supported are the programs up to Paddle %d",
			file, v, v/1_000_000, v/1_000%1_000, newerVersion/1_000_000-1)
	}
	p := &program{file: file, version: v, writer: writer(v), blocks: desc.Blocks, vars: map[string]*paddle.VarDesc{}}
	if err := p.index(); err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: %w", file, err)
	}
	return p, nil
}

func writer(version int64) string {
	if version == 0 {
		return "Paddle program of a development version"
	}
	return fmt.Sprintf("Paddle program of version %d.%d.%d", version/1_000_000, version/1_000%1_000, version%1_000)
}

// index fills vars and persistable and checks the names.
func (p *program) index() error {
	for _, block := range p.blocks {
		for _, v := range block.Vars {
			if err := checkVariable(v); err != nil {
				return err
			}
		}
	}
	for _, v := range p.main().Vars {
		name := v.GetName()
		if p.vars[name] != nil {
			return fmt.Errorf("variable %q is declared twice", name)
		}
		p.vars[name] = v
		if v.GetPersistable() && !isHolder(v.GetType().GetType()) {
			p.persistable = append(p.persistable, name)
		}
	}
	slices.Sort(p.persistable)
	for _, block := range p.blocks {
		for _, op := range block.Ops {
			if err := checkName("operator", op.GetType()); err != nil {
				return err
			}
			for _, binding := range slices.Concat(op.Inputs, op.Outputs) {
				for _, name := range binding.Arguments {
					if err := checkName(op.GetType()+": variable", name); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func checkVariable(v *paddle.VarDesc) error {
	if err := checkName("variable", v.GetName()); err != nil {
		return err
	}
	if n := len(v.GetType().GetLodTensor().GetTensor().GetDims()); n > maxRank {
		return fmt.Errorf("variable %q has %d dimensions, more than %d are not supported", v.GetName(), n, maxRank)
	}
	return nil
}

func checkName(what, name string) error {
	if name == "" || !utf8.ValidString(name) {
		return fmt.Errorf("%s name %q is not valid", what, name)
	}
	return nil
}

// isHolder says that variables of the type are persistable without being parameters.
func isHolder(t paddle.VarType_Type) bool {
	switch t {
	case paddle.VarType_FEED_MINIBATCH, paddle.VarType_FETCH_LIST, paddle.VarType_RAW, paddle.VarType_READER:
		return true
	}
	return false
}

// checkOperators names every operator that cannot be translated, in all blocks.
func (p *program) checkOperators() error {
	var names []string
	for _, o := range p.operators() {
		if !o.Supported {
			names = append(names, fmt.Sprintf("%s (%d)", o.Name, o.Count))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return sampan.Errorf(sampan.Unimplemented, "operators not supported: %s", strings.Join(names, ", "))
}

// supported says that an operator can be translated, by its name in a ProgramDesc.
func supported(name string) bool {
	switch name {
	case "feed", "fetch", "yield":
		return true
	}
	return operators[name].translate != nil
}

// isText says that the beginning of data is what an editor would show.
func isText(data []byte) bool {
	const head = 512
	if len(data) > head {
		data = data[:head]
		for range utf8.UTFMax {
			if r, size := utf8.DecodeLastRune(data); r != utf8.RuneError || size != 1 {
				break
			}
			data = data[:len(data)-1]
		}
	}
	return utf8.Valid(data) && !strings.ContainsFunc(string(data), func(r rune) bool {
		return unicode.IsControl(r) && !strings.ContainsRune("\t\r\n\f", r)
	})
}
