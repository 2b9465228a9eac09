// Command protoc stands in for the protobuf compiler when kitex generates code, so
// that generating needs Go alone and gives the same bytes everywhere. It understands
// the arguments that kitex passes: -I DIR, --plugin=protoc-gen-NAME=PATH,
// --NAME_out=DIR, --NAME_opt=TEXT and one file.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "protoc:", err)
		os.Exit(1)
	}
}

type arguments struct {
	includes     []string
	plugin, path string
	out          string
	options      []string
	file         string
}

func parse(args []string) (a arguments, err error) {
	for i := 0; i < len(args); i++ {
		key, value, _ := strings.Cut(args[i], "=")
		switch {
		case key == "-I" && i+1 < len(args):
			i++
			a.includes = append(a.includes, args[i])
		case key == "--plugin":
			name, path, _ := strings.Cut(value, "=")
			a.plugin, a.path = strings.TrimPrefix(name, "protoc-gen-"), path
		case key == "--"+a.plugin+"_out":
			a.out = value
		case key == "--"+a.plugin+"_opt":
			a.options = append(a.options, value)
		case !strings.HasPrefix(key, "-") && a.file == "":
			a.file = args[i]
		default:
			return a, fmt.Errorf("argument %q is not understood", args[i])
		}
	}
	if a.file == "" || a.path == "" || a.out == "" {
		return a, fmt.Errorf("want --plugin, its _out and a file")
	}
	for _, dir := range a.includes {
		if rel, err := filepath.Rel(dir, a.file); err == nil && !strings.HasPrefix(rel, "..") {
			a.file = rel
			break
		}
	}
	return a, nil
}

func run(args []string) error {
	a, err := parse(args)
	if err != nil {
		return err
	}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: a.includes}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(context.Background(), a.file)
	if err != nil {
		return err
	}
	request, err := proto.Marshal(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{a.file},
		Parameter:      proto.String(strings.Join(a.options, ",")),
		ProtoFile:      dependencies(files[0], map[string]bool{}),
	})
	if err != nil {
		return err
	}
	plugin := exec.Command(a.path)
	plugin.Stdin, plugin.Stderr = bytes.NewReader(request), os.Stderr
	output, err := plugin.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", a.path, err)
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(output, &response); err != nil {
		return err
	}
	if response.Error != nil {
		return fmt.Errorf("%s: %s", a.plugin, response.GetError())
	}
	for _, f := range response.File {
		path := filepath.Join(a.out, f.GetName())
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(f.GetContent()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// dependencies lists the descriptors of a file, what it imports first.
func dependencies(f protoreflect.FileDescriptor, seen map[string]bool) []*descriptorpb.FileDescriptorProto {
	if seen[f.Path()] {
		return nil
	}
	seen[f.Path()] = true
	var out []*descriptorpb.FileDescriptorProto
	for i := range f.Imports().Len() {
		out = append(out, dependencies(f.Imports().Get(i).FileDescriptor, seen)...)
	}
	return append(out, protoutil.ProtoFromFileDescriptor(f))
}
