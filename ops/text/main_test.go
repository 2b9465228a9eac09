package text

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// readJSON reads a golden; each has its origin inside.
func readJSON(t testing.TB, path string, to any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// readerGoldens are what paddle_serving_app 0.9.0 makes of texts.
type readerGoldens struct {
	IMDB struct {
		Cases []struct {
			Line    string
			IDs     []int64
			Label   []int64
			OnlyIDs []int64 `json:"words_only_ids"`
		}
	}
	BERT struct {
		Cases []struct {
			Text   string
			Len20  bertGolden
			Len8   bertGolden
			Tokens []string
		}
	}
	LAC struct {
		VocabularySize int64 `json:"vocab_size"`
		Labels         int64 `json:"num_labels"`
		Cases          []struct {
			Text   string
			IDs    []int64
			Decode [][]int64 `json:"crf_decode"`
			Words  []string  `json:"parse_result"`
		}
	}
	Senta struct {
		Cases []struct {
			Words []string
			IDs   []int64
		}
	}
}

type bertGolden struct {
	InputIDs    []int64 `json:"input_ids"`
	PositionIDs []int64 `json:"position_ids"`
	SegmentIDs  []int64 `json:"segment_ids"`
	InputMask   []int64 `json:"input_mask"`
}

// folder of the readers' goldens.
func readerFolder(t testing.TB) string { return fixture.Shared(t, "goldens", "text_readers") }

func goldens(t testing.TB) readerGoldens {
	t.Helper()
	var g readerGoldens
	readJSON(t, filepath.Join(readerFolder(t), "golden.json"), &g)
	if n := len(g.IMDB.Cases) + len(g.BERT.Cases) + len(g.LAC.Cases) + len(g.Senta.Cases); n != 27 {
		t.Fatalf("%d goldens, want 27", n)
	}
	return g
}

// file writes a dictionary.
func file(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dictionary")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens a reader that has to be there.
func open[R any](t testing.TB, f func() (R, error)) R {
	t.Helper()
	r, err := f()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// refused checks an error's text and that the caller is to blame.
func refused(t *testing.T, err error, code sampan.Code, want string) {
	t.Helper()
	if err == nil || err.Error() != want || sampan.CodeOf(err) != code {
		t.Errorf("got  %v (%v)\nwant %s (%v)", err, sampan.CodeOf(err), want, code)
	}
}

// maxAllocations of a reader that has room for its ids: none, but under the race
// detector a sync.Pool forgets things on purpose.
const maxAllocations = 2
