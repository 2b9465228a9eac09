package text

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	var got []string
	err := eachLine(file(t, "a\nb\r\nc\rd\n\n\re"), func(number int, line string) error {
		if number != len(got)+1 {
			t.Errorf("line %d is the %dth", number, len(got)+1)
		}
		got = append(got, line)
		return nil
	})
	if want := []string{"a", "b", "c", "d", "", "", "e"}; err != nil || !slices.Equal(got, want) {
		t.Fatalf("%q, %v; want %q", got, err, want)
	}
}

// Every reader opens any file or says what is wrong with it, and reads with what it
// has opened.
func FuzzDictionaries(f *testing.F) {
	dir := f.TempDir()
	names := []string{"word.dic", "tag.dic", "q2b.dic"}
	f.Add([]byte(smallVocabulary))
	f.Add([]byte("0\ta\n1\tOOV\r\n\n2\tO\r7\tx\ty"))
	f.Add([]byte("a\t1\n<unk>\t9223372036854775807\n5"))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, names[0])
		const sentence = "Good film, a 爱 \u0130!"
		var faults []error
		if r, err := (IMDB{Vocabulary: path}).Open(); err != nil {
			faults = append(faults, err)
		} else if _, err := r.Append(nil, sentence); err != nil {
			t.Error(err)
		}
		if r, err := (Senta{Vocabulary: path}).Open(); err != nil {
			faults = append(faults, err)
		} else if _, err := r.Append(nil, strings.Fields(sentence)); err != nil {
			t.Error(err)
		}
		if r, err := (LAC{Folder: dir}).Open(); err != nil {
			faults = append(faults, err)
		} else if _, err := r.Append(nil, sentence); err != nil {
			t.Error(err)
		}
		if r, err := (ChineseBERT{Vocabulary: path, Separator: true}).Open(); err != nil {
			faults = append(faults, err)
		} else if _, err := r.Read(sentence); err != nil {
			t.Error(err)
		}
		for _, err := range faults {
			if !strings.HasPrefix(err.Error(), dir) {
				t.Errorf("the error does not name the file: %v", err)
			}
		}
	})
}
