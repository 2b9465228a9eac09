//go:build cgo

package paddle

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
)

// BenchmarkCache compares a translation with what a cache of translations would do in
// its place, find the entry by the files' hash and read it, and with what comes after.
func BenchmarkCache(b *testing.B) {
	dir := large(b, 25)
	files, _ := Format{}.Find(dir)
	model, err := Format{}.Translate(dir)
	if err != nil {
		b.Fatal(err)
	}
	cached := filepath.Join(dir, "cached.onnx")
	if err := os.WriteFile(cached, model, 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("translate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := (Format{}).Translate(dir); err != nil {
				b.Fatal(err)
			}
		}
	})
	read := func(b *testing.B) {
		if _, err := os.ReadFile(cached); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read(b)
		}
	})
	b.Run("hash and read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h := sha256.New()
			for _, name := range files {
				f, err := os.Open(name)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(h, f); err != nil {
					b.Fatal(err)
				}
				if err := f.Close(); err != nil {
					b.Fatal(err)
				}
			}
			read(b)
		}
	})
	backend, err := onnx.Open(fixture.ONNXRuntime(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("session", func(b *testing.B) {
		for b.Loop() {
			s, err := backend.Load(context.Background(), engine.Artifact{Bytes: model})
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
