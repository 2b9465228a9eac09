package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/prototxt"
	"github.com/sampanml/sampan/kitex_gen/configure"
)

// SDKConfig is what an SDK config of Paddle Serving (predictors.prototxt) says.
type SDKConfig struct {
	Predictors []Predictor
	// Notes say what was understood but has no effect.
	Notes []string
}

// Predictor is one service and the variants that offer it.
type Predictor struct {
	// Name is the predictor's, "general_model" in Paddle Serving's files; Service is the
	// full name of the RPC service.
	Name, Service string
	Variants      []Variant
}

// LoadSDKConfig reads an SDK config. What a variant leaves out is that of
// default_variant_conf, field by field, or else Paddle Serving's default. Reading is
// strict: every fault is reported at once, with its place in the file, as
// InvalidArgument; a file that is not there is NotFound.
func LoadSDKConfig(path string) (*SDKConfig, error) {
	data, err := prototxt.ReadFile(path)
	if err != nil {
		code := sampan.InvalidArgument
		if errors.Is(err, fs.ErrNotExist) {
			code = sampan.NotFound
		}
		return nil, sampan.Errorf(code, "load SDK config: %w", err)
	}
	s, err := parseSDKConfig(data)
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "load SDK config: %s: %w", path, err)
	}
	return s, nil
}

// Predictor returns the one of that name, or with "" the only one that can be called.
// NotFound if there is none, InvalidArgument if "" does not say which.
func (s *SDKConfig) Predictor(name string) (*Predictor, error) {
	var names []string
	var callable []*Predictor
	for i := range s.Predictors {
		p := &s.Predictors[i]
		names = append(names, p.Name)
		ours := p.Service == baiduService
		switch {
		case ours && (name == "" || name == p.Name):
			callable = append(callable, p)
		case name == p.Name:
			return nil, sampan.Errorf(sampan.InvalidArgument, "predictor %q: service %q cannot be called, want %s", name, p.Service, baiduService)
		}
	}
	switch {
	case len(callable) == 1:
		return callable[0], nil
	case len(callable) > 1:
		return nil, sampan.Errorf(sampan.InvalidArgument, "several predictors, choose one of %s", quoted(names))
	case name == "":
		return nil, sampan.Errorf(sampan.NotFound, "no predictor of service %s among %s", baiduService, quoted(names))
	}
	return nil, sampan.Errorf(sampan.NotFound, "predictor %q is not there, the config has %s", name, quoted(names))
}

// ConnectSDK is [Client.ConnectVariants] with the variants of the only predictor of an
// SDK config.
func (c *Client) ConnectSDK(ctx context.Context, path string) error {
	s, err := LoadSDKConfig(path)
	if err != nil {
		return err
	}
	p, err := s.Predictor("")
	if err != nil {
		return err
	}
	return c.ConnectVariants(ctx, p.Variants...)
}

func parseSDKConfig(data []byte) (*SDKConfig, error) {
	var m configure.SDKConf
	if err := prototxt.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	l := &sdkLoader{common: m.GetDefaultVariantConf(), seen: map[string]bool{}}
	if len(m.GetPredictors()) == 0 {
		l.fault("predictors", "there are none")
	}
	out := new(SDKConfig)
	names := map[string]bool{}
	for i, p := range m.GetPredictors() {
		at := fmt.Sprintf("predictors[%d]", i)
		if names[p.GetName()] {
			l.fault(at, "the name %q is there twice", p.GetName())
		}
		names[p.GetName()] = true
		out.Predictors = append(out.Predictors, l.predictor(at, p))
	}
	out.Notes = l.notes
	return out, errors.Join(l.faults...)
}

// sdkLoader gathers what is wrong with a file.
type sdkLoader struct {
	common *configure.VariantConf
	faults []error
	notes  []string
	// seen has what was said already: a default's fault comes with every variant.
	seen map[string]bool
}

func (l *sdkLoader) fault(at, format string, args ...any) {
	text := at + ": " + fmt.Sprintf(format, args...)
	if !l.seen[text] {
		l.seen[text] = true
		l.faults = append(l.faults, errors.New(text))
	}
}

func (l *sdkLoader) note(at, format string, args ...any) {
	text := at + ": " + fmt.Sprintf(format, args...)
	if !l.seen[text] {
		l.seen[text] = true
		l.notes = append(l.notes, text)
	}
}

const weightedRandom = "WeightedRandomRender"

func (l *sdkLoader) predictor(at string, p *configure.Predictor) Predictor {
	if p.GetName() == "" {
		l.fault(at+".name", "is missing")
	}
	if p.GetServiceName() == "" {
		l.fault(at+".service_name", "is missing")
	}
	if r := p.GetEndpointRouter(); r != "" && r != weightedRandom {
		l.fault(at+".endpoint_router", "%q, want %q", r, weightedRandom)
	}
	out := Predictor{Name: p.GetName(), Service: p.GetServiceName()}
	if len(p.GetVariants()) == 0 {
		l.fault(at+".variants", "there are none")
		return out
	}
	weights := l.weights(at, p)
	tags := map[string]bool{}
	for i, v := range p.GetVariants() {
		place := fmt.Sprintf("%s.variants[%d]", at, i)
		variant := l.variant(place, v)
		if tags[variant.Tag] {
			l.fault(place+".tag", "%q is there twice", variant.Tag)
		}
		tags[variant.Tag] = true
		if weights != nil {
			variant.Weight = weights[i]
		}
		out.Variants = append(out.Variants, variant)
	}
	return out
}

// weights reads "50|50"; nil with a fault.
func (l *sdkLoader) weights(at string, p *configure.Predictor) []int {
	list := p.GetWeightedRandomRenderConf().GetVariantWeightList()
	if p.GetEndpointRouter() == "" && list == "" {
		if len(p.GetVariants()) == 1 {
			return []int{1}
		}
		l.fault(at+".endpoint_router", "is missing, want %q for the %d variants", weightedRandom, len(p.GetVariants()))
		return nil
	}
	at += ".weighted_random_render_conf.variant_weight_list"
	if list == "" {
		l.fault(at, "is missing")
		return nil
	}
	texts := strings.Split(list, "|")
	if len(texts) != len(p.GetVariants()) {
		l.fault(at, "%q has %d weights, want one for each of the %d variants", list, len(texts), len(p.GetVariants()))
		return nil
	}
	weights := make([]int, len(texts))
	sum := 0
	for i, text := range texts {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || n > maxVariantWeight {
			l.fault(at, "weight %q, want a whole number from 0 to %d", text, maxVariantWeight)
			return nil
		}
		weights[i] = n
		sum += n
	}
	if sum == 0 {
		l.fault(at, "%q: all weights are 0", list)
		return nil
	}
	return weights
}

// merged is a variant with the defaults in the place of what it leaves out.
func (l *sdkLoader) merged(v *configure.VariantConf) *configure.VariantConf {
	m := new(configure.VariantConf)
	if l.common != nil {
		proto.Merge(m, l.common)
	}
	proto.Merge(m, v)
	return m
}
