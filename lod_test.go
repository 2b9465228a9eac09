package sampan_test

import (
	"testing"

	"github.com/sampanml/sampan"
)

func TestLoDValidate(t *testing.T) {
	tests := []struct {
		lod  sampan.LoD
		rows int64
		want string
	}{
		{nil, 5, ""},
		{sampan.LoD{}, 5, ""},
		{sampan.LoD{{0, 5}}, 5, ""},
		{sampan.LoD{{0, 2, 5}}, 5, ""},
		{sampan.LoD{{0, 0, 2, 2, 5, 5}}, 5, ""},
		{sampan.LoD{{0}}, 0, ""},
		{sampan.LoD{{0, 0}}, 0, ""},
		{sampan.LoD{{0, 2}, {0, 3, 5}}, 5, ""},
		{sampan.LoD{{0, 0, 2}, {0, 3, 5}}, 5, ""},
		{sampan.LoD{{0, 5}}, 4, "lod level 0 ends at 5, want the number of rows, 4"},
		{sampan.LoD{{0, 3}}, 4, "lod level 0 ends at 3, want the number of rows, 4"},
		{sampan.LoD{{0}}, 4, "lod level 0 ends at 0, want the number of rows, 4"},
		{sampan.LoD{{}}, 4, "lod level 0 is [], want offsets that start with 0"},
		{sampan.LoD{nil}, 0, "lod level 0 is [], want offsets that start with 0"},
		{sampan.LoD{{1, 4}}, 4, "lod level 0 is [1 4], want offsets that start with 0"},
		{sampan.LoD{{1, 2, 3, 4, 5, 6, 7, 8, 9}}, 9, "lod level 0 is [1 2 3 4 5 6 7 8], want offsets that start with 0"},
		{sampan.LoD{{0, 3, 2, 4}}, 4, "lod level 0 falls from 3 to 2"},
		{sampan.LoD{{0, -1, 4}}, 4, "lod level 0 falls from 0 to -1"},
		{sampan.LoD{{0, 3}, {0, 3, 5}}, 5, "lod level 0 ends at 3, want the number of sequences, 2"},
		{sampan.LoD{{0, 2}, {0, 3, 4}}, 5, "lod level 1 ends at 4, want the number of rows, 5"},
		{sampan.LoD{{0, 2}, {}}, 5, "lod level 0 ends at 2, want the number of sequences, -1"},
		{sampan.LoD{{0, 1}, {0, 1}, {0, 1}}, 1, "lod has 3 levels, want at most 2"},
	}
	for _, test := range tests {
		err := test.lod.Validate(test.rows)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%v of %d rows: %v", test.lod, test.rows, err)
		case test.want != "" && (err == nil || err.Error() != test.want || sampan.CodeOf(err) != sampan.InvalidArgument):
			t.Errorf("%v of %d rows: %v, want %s", test.lod, test.rows, err, test.want)
		}
	}
}
