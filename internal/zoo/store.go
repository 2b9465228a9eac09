package zoo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sampanml/sampan"
)

// Store is a directory of models: NAME/VERSION, where the version is the beginning of
// the checksum. What is under way is in .partial.
type Store struct {
	// Dir is made when it is needed.
	Dir string
	// Progress, if any, is called while bytes come, with how many there are and will
	// be.
	Progress func(m Model, done, total int64)
	// Waiting, if any, is called when somebody else is getting the same model.
	Waiting func(m Model)

	// pause is for tests; 0 means half a second.
	pause time.Duration
}

// StoreEnv names the environment variable with the directory of the models.
const StoreEnv = "SAMPAN_MODELS"

// DefaultDir is $SAMPAN_MODELS, or sampan/models in the user's cache directory.
func DefaultDir() (string, error) {
	if dir := os.Getenv(StoreEnv); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", sampan.Errorf(sampan.FailedPrecondition, "no directory for models: %w; set $%s", err, StoreEnv)
	}
	return filepath.Join(cache, "sampan", "models"), nil
}

// versionDigits is how much of a checksum names a directory.
const versionDigits = 12

// version is the directory of a model whose files are there.
func (s *Store) version(m Model) string {
	return filepath.Join(s.Dir, m.Name, m.SHA256[:versionDigits])
}

// Path is what to serve of a model that the store has.
func (s *Store) Path(m Model) (string, bool) {
	dir := s.version(m)
	if _, err := os.Stat(dir); err != nil {
		return "", false
	}
	return served(dir, m.Model), true
}

// served is the part of a model's directory to serve.
func served(dir, part string) string {
	if part != "" {
		return filepath.Join(dir, filepath.FromSlash(part))
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) == 1 && (entries[0].IsDir() || formatOf(entries[0].Name()) == single) {
		return filepath.Join(dir, entries[0].Name())
	}
	return dir
}

// Get brings a model into the store, unless it is there, and returns what to serve of
// it. When ctx ends, what has come is kept for the next time.
func (s *Store) Get(ctx context.Context, m Model) (string, error) {
	if at, ok := s.Path(m); ok {
		return at, nil
	}
	release, err := s.lock(ctx, m)
	if err != nil {
		return "", err
	}
	defer release()
	if at, ok := s.Path(m); ok {
		return at, nil
	}
	if err := s.bring(ctx, m); err != nil {
		return "", sampan.Errorf(sampan.CodeOf(err), "model %q: %w", m.Name, err)
	}
	at, _ := s.Path(m)
	return at, nil
}

func (s *Store) partial(name string) string { return filepath.Join(s.Dir, ".partial", name) }

// part is where a download is on its way. No model's name has an @.
func (s *Store) part(name, sum string) string { return s.partial(name + "@" + sum + ".part") }

// parts are the downloads of a model that are on their way.
func (s *Store) parts(name string) []string {
	entries, err := os.ReadDir(s.partial(""))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), name+"@") {
			out = append(out, s.partial(e.Name()))
		}
	}
	return out
}

func (s *Store) lock(ctx context.Context, m Model) (release func(), err error) {
	if err := os.MkdirAll(s.partial(""), 0o755); err != nil {
		return nil, onDisk(err)
	}
	return lock(ctx, s.partial(m.Name+".lock"), func() {
		if s.Waiting != nil {
			s.Waiting(m)
		}
	})
}

// bring makes the model's directory beside its place, and moves it there when all is
// well.
func (s *Store) bring(ctx context.Context, m Model) error {
	made := s.partial(m.Name + ".unpacked")
	if err := errors.Join(os.RemoveAll(made), os.Mkdir(made, 0o755)); err != nil {
		return onDisk(err)
	}
	defer os.RemoveAll(made)
	if err := s.fill(ctx, m, made); err != nil {
		return err
	}
	if m.Model != "" {
		if _, err := os.Stat(served(made, m.Model)); err != nil {
			return sampan.Errorf(sampan.FailedPrecondition, "there is no %q in it, which the index says is the model", m.Model)
		}
	}
	place := s.version(m)
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return onDisk(err)
	}
	if err := os.Rename(made, place); err != nil {
		return onDisk(err)
	}
	return nil
}

// Remove removes all that the store has of a model, and what has come of it. A server
// that has loaded it goes on.
func (s *Store) Remove(ctx context.Context, name string) error {
	if !goodName.MatchString(name) {
		return sampan.Errorf(sampan.InvalidArgument, "model %q: want letters, digits and . _ + -", name)
	}
	there, parts := filepath.Join(s.Dir, name), s.parts(name)
	if _, err := os.Stat(there); err != nil && len(parts) == 0 {
		return sampan.Errorf(sampan.NotFound, "model %q is not in %s", name, s.Dir)
	}
	release, err := s.lock(ctx, Model{Entry: Entry{Name: name}})
	if err != nil {
		return err
	}
	defer release()
	// Renamed first, the model is gone for others at once.
	gone := s.partial(name + ".removed")
	err = errors.Join(os.RemoveAll(gone), os.Rename(there, gone), os.RemoveAll(gone))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	for _, part := range parts {
		err = errors.Join(err, os.RemoveAll(part))
	}
	if err != nil {
		return onDisk(err)
	}
	return nil
}
