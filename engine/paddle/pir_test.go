package paddle

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// pirText writes a program of the operators.
func pirText(ops ...string) string {
	return `{"base_code":{"magic":"pir","trainable":true,"version":1},"program":{"regions":[` + pirRegionText("", ops...) + `]}}`
}

func pirRegionText(arguments string, ops ...string) string {
	return `{"#":"region","blocks":[{"#":"block","args":[` + arguments + `],"ops":[` + strings.Join(ops, ",") + `]}]}`
}

// pirTensorText writes the type of a tensor, "f32[-1,3]".
func pirTensorText(short string) string {
	kind, dims, _ := strings.Cut(short, "[")
	return fmt.Sprintf(`{"#":"0.t_dtensor","D":[{"#":"0.t_%s"},[%s,"NCHW",[],0]}`, kind, dims)
}

// pirOpText writes an operator: "1.add", its operands and results as "1 2 > 3 f32[2]",
// and its attributes as `name=0.a_i32:1`, and regions.
func pirOpText(name, values, attributes string, regions ...string) string {
	var operands, results, attrs []string
	from, to, _ := strings.Cut(values, ">")
	for id := range strings.FieldsSeq(from) {
		operands = append(operands, fmt.Sprintf(`{"%%":%s}`, id))
	}
	for pair := range slices.Chunk(strings.Fields(to), 2) {
		results = append(results, fmt.Sprintf(`{"%%":%s,"TT":%s}`, pair[0], pirTensorText(pair[1])))
	}
	for a := range strings.FieldsSeq(attributes) {
		key, value, _ := strings.Cut(a, "=")
		kind, data, _ := strings.Cut(value, ":")
		attrs = append(attrs, fmt.Sprintf(`{"N":%q,"AT":{"#":%q,"D":%s}}`, key, kind, data))
	}
	out := fmt.Sprintf(`{"#":%q,"I":[%s],"O":[%s],"A":[%s]`, name, strings.Join(operands, ","), strings.Join(results, ","), strings.Join(attrs, ","))
	if len(regions) > 0 {
		out += `,"regions":[` + strings.Join(regions, ",") + `]`
	}
	return out + "}"
}

func pirData(name string, id int, kind string) string {
	return pirOpText("1.data", fmt.Sprintf("> %d %s", id, kind), fmt.Sprintf("name=0.a_str:%q", name))
}

func pirFetch(name string, id int) string {
	return pirOpText("1.fetch", fmt.Sprintf("%d > %d f32[-1,3]", id, id+1000), fmt.Sprintf("name=0.a_str:%q col=0.a_i32:0", name))
}

func pirWeight(name string, id int, kind string) string {
	return fmt.Sprintf(`{"#":"p","A":[0,1,1,%q],"DA":[],"O":{"%%":%d,"TT":%s},"OA":[1,0,1],"QA":[]}`, name, id, pirTensorText(kind))
}

// lowered tells what became of a program, an operator a line.
func lowered(p *program) string {
	var b strings.Builder
	list := func(bindings []*paddle.OpDesc_Var) {
		for _, v := range bindings {
			fmt.Fprintf(&b, " %s=%s", v.GetParameter(), strings.Join(v.Arguments, ","))
		}
	}
	for i, block := range p.blocks {
		fmt.Fprintf(&b, "block %d in %d\n", i, block.GetParentIdx())
		for _, o := range block.Ops {
			fmt.Fprintf(&b, "%s", o.GetType())
			list(o.Inputs)
			b.WriteString(" ->")
			list(o.Outputs)
			for _, a := range o.Attrs {
				fmt.Fprintf(&b, " %s:%v", a.GetName(), attributeValue(a))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestLowering(t *testing.T) {
	constant := func(id int, value string) string {
		return pirOpText("1.full_int_array", fmt.Sprintf("> %d i64[1]", id), "value=0.a_array:["+value+"]")
	}
	one := `{"#":"0.a_i64","D":1}`
	for _, c := range []struct {
		name, program, want string
		stored              []string
	}{
		{"constants become attributes, computed values stay inputs", pirText(
			pirWeight("w", 1, "f32[3,3]"), pirData("x", 2, "f32[-1,3]"), pirData("shape", 3, "i64[2]"),
			pirOpText("1.matmul", "2 1 > 4 f32[-1,3]", "transpose_x=0.a_bool:false transpose_y=0.a_bool:true"),
			constant(5, one),
			pirOpText("1.mean", "4 5 > 6 f32[-1]", "keepdim=0.a_bool:false"),
			pirOpText("1.reshape", "6 3 > 7 f32[-1,-1]", ""),
			pirOpText("1.relu_", "7 > 8 f32[-1,-1]", ""),
			pirOpText("1.add", "7 8 > 9 f32[-1,-1]", ""),
			pirFetch("y", 9)),
			`block 0 in -1
feed -> Out=x col:0
feed -> Out=shape col:1
matmul_v2 X=x Y=w -> Out=matmul_4 trans_x:false trans_y:true
reduce_mean X=matmul_4 -> Out=mean_6 dim:[1] keep_dim:false reduce_all:false
reshape2 X=mean_6 Shape=shape -> Out=reshape_7
relu X=reshape_7 -> Out=relu__8
elementwise_add X=relu__8 Y=relu__8 -> Out=y
fetch X=y -> col:0
`, []string{"w"}},
		{"what is in the file of parameters", pirText(
			pirWeight("b", 1, "f32[3]"), pirWeight("a", 2, "f32[3]"),
			strings.Replace(pirWeight("state__non_persistable", 3, "ui8[]"), `"OA":[1,0,1],`, "", 1),
			pirOpText("1.add", "1 2 > 4 f32[3]", ""), pirFetch("y", 4)),
			`block 0 in -1
elementwise_add X=b Y=a -> Out=y
fetch X=y -> col:0
`, []string{"a", "b"}},
		{"lists", pirText(
			pirData("a", 1, "f32[-1,3]"), pirData("b", 2, "f32[-1,3]"),
			`{"#":"0.combine","I":[{"%":1},{"%":2}],"A":[],"O":[{"%":3,"TT":{"#":"0.t_vec","D":[`+pirTensorText("f32[-1,3]")+`,`+pirTensorText("f32[-1,3]")+`]}}]}`,
			pirOpText("0.split", "3 > 4 f32[-1,3] 5 f32[-1,3]", ""),
			pirOpText("1.stack", "3 > 6 f32[2,-1,3]", "axis=0.a_i32:0"),
			pirFetch("y", 6), pirFetch("z", 5)),
			`block 0 in -1
feed -> Out=a col:0
feed -> Out=b col:1
stack X=a,b -> Y=y axis:0
fetch X=y -> col:0
assign X=b -> Out=z
fetch X=z -> col:0
`, nil},
		{"regions", pirText(
			pirData("x", 1, "f32[-1,3]"), pirData("c", 2, "bool[1]"),
			pirOpText("1.if", "2 > 3 f32[-1,3]", "",
				pirRegionText("", pirOpText("1.relu", "1 > 4 f32[-1,3]", ""), pirOpText("2.yield", "4", "")),
				pirRegionText("", pirOpText("2.yield", "1", ""))),
			pirOpText("1.while", "2 3 > 5 f32[-1,3]", "",
				pirRegionText(`{"#":-1,"TT":`+pirTensorText("f32[-1,3]")+`}`,
					pirOpText("1.tanh", "-1 > 6 f32[-1,3]", ""), pirOpText("2.yield", "2 6", ""))),
			pirFetch("y", 5)),
			`block 0 in -1
feed -> Out=x col:0
feed -> Out=c col:1
if Cond=c -> Out=if_3 sub_block_true:block 1 sub_block_false:block 2
pir_while Cond=c X=if_3 -> Out=y sub_block:block 3 arguments:[argument_-1]
fetch X=y -> col:0
block 1 in 0
relu X=x -> Out=relu_4
yield X=relu_4 ->
block 2 in 0
yield X=x ->
block 3 in 0
tanh X=argument_-1 -> Out=tanh_6
yield X=c,tanh_6 ->
`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := readPIR(fstest.MapFS{"m.json": {Data: []byte(c.program)}}, "m.json")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, lowered(p)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.stored, p.persistable); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPIRFaults(t *testing.T) {
	x, y := pirData("x", 1, "f32[-1,3]"), pirFetch("y", 2)
	relu := pirOpText("1.relu", "1 > 2 f32[-1,3]", "")
	deep := pirOpText("2.yield", "1", "")
	for i := range maxRegions + 4 {
		deep = pirOpText("1.if", fmt.Sprintf("1 > %d f32[1]", i+10), "", pirRegionText("", deep, pirOpText("2.yield", "1", "")), pirRegionText("", pirOpText("2.yield", "1", "")))
	}
	typed := func(t string) string {
		return `{"#":"1.relu","I":[{"%":1}],"A":[],"O":[{"%":2,"TT":` + t + `}]}`
	}
	for _, c := range []struct {
		name    string
		program string
		code    sampan.Code
		want    string
	}{
		{"not JSON", `{"base_code":{"magic":"pir","version":1},}`, sampan.InvalidArgument,
			`m.json is not a Paddle 3 program: byte 42: invalid character '}' looking for beginning of object key string`},
		{"another type", `{"base_code":{"magic":"pir","version":"1"}}`, sampan.InvalidArgument,
			`m.json is not a Paddle 3 program: byte 41: string where uint64 is wanted`},
		{"magic", `{"base_code":{"kind":"pir","magic":"pirate","version":1}}`, sampan.InvalidArgument,
			`m.json is not a Paddle 3 program: base_code has magic "pirate", want "pir" and a version`},
		{"no version", `{"base_code":{"magic":"pir"}}`, sampan.InvalidArgument,
			`m.json is not a Paddle 3 program: base_code has magic "pir", want "pir" and a version`},
		{"newer", `{"base_code":{"magic":"pir","version":5}}`, sampan.Unimplemented, `m.json has PIR version 5; supported are those up to 4`},
		{"no region", `{"base_code":{"magic":"pir","version":1},"program":{}}`, sampan.InvalidArgument, `m.json: program: want one region of one block`},
		{"unknown operators", pirText(x, pirOpText("1.foo", "1 > 2 f32[1]", ""), pirOpText("3.bar", "2 > 3 f32[1]", ""), pirOpText("9.baz", "", "")),
			sampan.Unimplemented, `operators not supported: 9.baz (1), custom_op.bar (1), pd_op.foo (1)`},
		{"not made", pirText(relu), sampan.InvalidArgument,
			`m.json: operator 0 (pd_op.relu): operand 0 is value 1, which is not made before or not seen here`},
		{"no number", pirText(x, `{"#":"1.relu","I":[{}],"A":[],"O":[]}`), sampan.InvalidArgument, `m.json: operator 1 (pd_op.relu): operand 0 has no number`},
		{"made twice", pirText(x, relu, relu, y), sampan.InvalidArgument, `m.json: operator 2 (pd_op.relu): result 0: value 2 is made twice`},
		{"fed twice", pirText(x, pirData("x", 2, "f32[1]")), sampan.InvalidArgument, `m.json: operator 1 (pd_op.data): two values have the name "x"`},
		{"no name", pirText(pirData("", 1, "f32[1]")), sampan.InvalidArgument, `m.json: operator 0 (pd_op.data): variable name "" is not valid`},
		{"fetch without a name", pirText(x, pirOpText("1.fetch", "1 > 3 f32[1]", "")), sampan.InvalidArgument, `m.json: operator 1 (pd_op.fetch): the fetch has no name`},
		{"too many operands", pirText(x, pirOpText("1.relu", "1 1 > 2 f32[1]", "")), sampan.InvalidArgument, `m.json: operator 1 (pd_op.relu): 2 operands, want 1`},
		{"computed", pirText(x, pirOpText("1.mean", "1 1 > 2 f32[1]", ""), y), sampan.Unimplemented,
			`m.json: operator 1 (pd_op.mean): operand 1 (dim) is computed, want a constant`},
		{"no type", pirText(x, typed(`{}`)), sampan.InvalidArgument, `m.json: operator 1 (pd_op.relu): result 0: relu_2 has no type`},
		{"half a type", pirText(x, typed(`{"#":"0.t_dtensor","D":[{"#":"0.t_f32"},[1]]}`)), sampan.InvalidArgument,
			`m.json: operator 1 (pd_op.relu): result 0: type of relu_2: 2 elements, want 5`},
		{"dims", pirText(x, typed(`{"#":"0.t_dtensor","D":[{"#":"0.t_f32"},[1.5],"NCHW",[],0]}`)), sampan.InvalidArgument,
			`m.json: operator 1 (pd_op.relu): result 0: type of relu_2: element 1: byte 4: number 1.5 where int64 is wanted`},
		{"list in a list", pirText(x, typed(`{"#":"0.t_vec","D":[{"#":"0.t_vec","D":[]}]}`)), sampan.InvalidArgument,
			`m.json: operator 1 (pd_op.relu): result 0: type 0.t_vec: a list in a list`},
		{"rank", pirText(x, typed(`{"#":"0.t_dtensor","D":[{"#":"0.t_f32"},[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"NCHW",[],0]}`)), sampan.InvalidArgument,
			`m.json: variable "relu_2" has 17 dimensions, more than 16 are not supported`},
		{"attribute's kind", pirText(x, pirOpText("1.relu", "1 > 2 f32[1]", "a=0.a_foo:1")), sampan.Unimplemented,
			`m.json: operator 1 (pd_op.relu): attribute "a": kind "0.a_foo" is not supported`},
		{"attribute's data", pirText(x, pirOpText("1.relu", "1 > 2 f32[1]", "a=0.a_i32:3000000000")), sampan.InvalidArgument,
			`m.json: operator 1 (pd_op.relu): attribute "a": 0.a_i32: byte 10: number 3000000000 where int32 is wanted`},
		{"no data", pirText(x, pirOpText("1.relu", "1 > 2 f32[1]", "a=0.a_f32:null")), sampan.InvalidArgument,
			`m.json: operator 1 (pd_op.relu): attribute "a": 0.a_f32 without data`},
		{"mixed list", pirText(x, pirOpText("1.relu", "1 > 2 f32[1]", `a=0.a_array:[{"#":"0.a_i32","D":1},{"#":"0.a_i64","D":1}]`)), sampan.InvalidArgument,
			`m.json: operator 1 (pd_op.relu): attribute "a": element 1 is 0.a_i64, the first is 0.a_i32`},
		{"element type", pirText(x, pirOpText("1.cast", "1 > 2 f32[1]", `dtype=1.a_dtype:"pstring"`)), sampan.Unimplemented,
			`m.json: operator 1 (pd_op.cast): attribute "dtype": element type "pstring" is not supported`},
		{"deep", pirText(x, deep), sampan.Unimplemented, "m.json: operator 1 (pd_op.if): region 0: " +
			strings.Repeat("operator 0 (pd_op.if): region 0: ", maxRegions) + "regions nest deeper than 16"},
		{"no yield", pirText(x, pirOpText("1.if", "1 > 2 f32[1]", "", pirRegionText(""), pirRegionText(""))), sampan.InvalidArgument,
			`m.json: operator 1 (pd_op.if): region 0 does not end with a yield`},
		{"yields too little", pirText(x, pirOpText("1.while", "1 1 > 2 f32[1]", "", pirRegionText("", pirOpText("2.yield", "1", "")))), sampan.InvalidArgument,
			`m.json: operator 1 (pd_op.while): region 0 takes 0 values and yields 1, want 1 and 2`},
		{"out of its region", pirText(x, pirOpText("1.if", "1 > 2 f32[1]", "",
			pirRegionText("", pirOpText("1.relu", "1 > 3 f32[1]", ""), pirOpText("2.yield", "3", "")),
			pirRegionText("", pirOpText("2.yield", "3", "")))), sampan.InvalidArgument,
			`m.json: operator 1 (pd_op.if): region 1: operator 0 (cf.yield): operand 0 is value 3, which is not made before or not seen here`},
		{"feed in a region", pirText(x, pirOpText("1.if", "1 >", "", pirRegionText("", pirData("z", 3, "f32[1]")), pirRegionText(""))), sampan.InvalidArgument,
			`m.json: operator 1 (pd_op.if): region 0: operator 0 (pd_op.data): it is inside a region, want it in the main block`},
		{"parameter", pirText(`{"#":"p","A":[0,1,"w"],"O":{"%":1,"TT":` + pirTensorText("f32[1]") + `}}`), sampan.InvalidArgument,
			`m.json: operator 0 (builtin.parameter): attributes: 3 elements, want 4`},
		{"half a parameter", pirText(strings.Replace(pirWeight("w", 1, "f32[1]"), "[1,0,1]", "[true,0,1]", 1)), sampan.InvalidArgument,
			`m.json: operator 0 (builtin.parameter): attributes of the result: element 0: byte 4: bool where int is wanted`},
		{"not persistable", pirText(strings.Replace(pirWeight("w", 1, "f32[-1,3]"), "[1,0,1]", "[0,0,1]", 1), relu, y), sampan.InvalidArgument,
			`m.json: operator 0 (pd_op.relu): input X reads "w", which nothing has written`},
		{"nothing fetched", pirText(x, relu), sampan.InvalidArgument, `m.json: nothing is fetched, want an inference program`},
		{"missing parameters", pirText(x, pirWeight("w", 5, "f32[1]"), relu, y), sampan.NotFound,
			`parameter files are missing: w (nor is there a *.pdiparams, __params__ or params with all)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			wrong(t, fstest.MapFS{"m.json": {Data: []byte(c.program)}}, c.code, c.want)
		})
	}
}

// Every rule is well formed, and the corpus's operators all have one.
func TestRules(t *testing.T) {
	for name, r := range pirRules {
		if r.name == "" {
			t.Errorf("%s has no earlier name", name)
		}
		for i, o := range r.operands {
			if o.attribute != "" && !slices.Contains([]string{"int", "ints", "float", "text"}, o.kind) {
				t.Errorf("%s: operand %d is of the kind %q", name, i, o.kind)
			}
		}
	}
	data, err := os.ReadFile(fixture.Shared(t, "paddle_corpus", "ops.json"))
	if err != nil {
		t.Fatal(err)
	}
	var ops struct{ PIR map[string][]string }
	if err := json.Unmarshal(data, &ops); err != nil {
		t.Fatal(err)
	}
	if len(ops.PIR) != 183 {
		t.Errorf("%d operators in the corpus, want 183", len(ops.PIR))
	}
	for name := range ops.PIR {
		switch full := (&pirOp{Name: name}).fullName(); full {
		case "builtin.parameter", "builtin.combine", "builtin.split", "pd_op.data", "pd_op.fetch", "pd_op.if", "pd_op.while", "cf.yield":
		default:
			if _, _, ok := pirRow(full); !ok {
				t.Errorf("%s has no rule", full)
			}
		}
	}
}
