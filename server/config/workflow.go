package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sampanml/sampan/kitex_gen/configure"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server/graph"
)

const (
	workflowFile = "workflow.prototxt"
	maxPort      = 65535
)

func (l *loader) readWorkflows() {
	f := l.own(workflowFile)
	var m configure.WorkflowConf
	if !f.read(&m) {
		return
	}
	if len(m.GetWorkflows()) == 0 {
		f.fault("workflows", "there are none")
	}
	for i, w := range m.GetWorkflows() {
		place := fmt.Sprintf("workflows[%d]", i)
		if w.GetName() == "" {
			f.fault(place, "name is empty")
		} else if l.workflow(w.GetName()) >= 0 {
			f.fault(place, "the name %q is there twice", w.GetName())
		}
		l.workflows = append(l.workflows, f.spec(place, w))
	}
}

// spec checks a workflow and makes a graph of it.
func (f file) spec(place string, w *configure.Workflow) graph.Spec {
	s := graph.Spec{Name: w.GetName()}
	switch kind := w.GetWorkflowType(); kind {
	case "Sequence":
	case "Parallel":
		s.Parallel = true
	default:
		f.fault(place+".workflow_type", `%q, want "Sequence" or "Parallel"`, kind)
	}
	for i, n := range w.GetNodes() {
		at := fmt.Sprintf("%s.nodes[%d]", place, i)
		node := graph.NodeSpec{Name: n.GetName(), Type: n.GetType()}
		for j, d := range n.GetDependencies() {
			node.Depends = append(node.Depends, d.GetName())
			if mode := d.GetMode(); mode != "RO" && mode != "RW" {
				f.fault(fmt.Sprintf("%s.dependencies[%d].mode", at, j), `%q, want "RO" or "RW"`, mode)
			}
		}
		if len(n.GetAddress()) > 0 {
			f.fault(at+".address", "there is no op here that calls other servers")
		}
		s.Nodes = append(s.Nodes, node)
	}
	var list interface{ Unwrap() []error }
	if errors.As(s.Validate(), &list) {
		for _, err := range list.Unwrap() {
			f.fault(place, "%w", err)
		}
	}
	return s
}

// workflow returns the position of the workflow with that name; -1 if there is none.
func (l *loader) workflow(name string) int {
	return slices.IndexFunc(l.workflows, func(s graph.Spec) bool { return s.Name == name })
}

func (l *loader) readService() {
	f := l.own("infer_service.prototxt", "service.prototxt")
	var m configure.InferServiceConf
	if !f.read(&m) {
		return
	}
	if m.GetPort() > maxPort {
		f.fault("port", "%d, want at most %d", m.GetPort(), maxPort)
	}
	l.port = int(m.GetPort())
	if n := len(m.GetServices()); n != 1 {
		f.fault("services", "there are %d, want one", n)
		return
	}
	s := m.GetServices()[0]
	l.service = s
	const place = "services[0]"
	if s.GetName() == "" {
		f.fault(place, "name is empty")
	}
	if s.GetMerger() != "default" {
		f.fault(place+".merger", `%q, want "default"`, s.GetMerger())
	}
	if s.GetEnableMapRequestToWorkflow() {
		f.fault(place+".enable_map_request_to_workflow", "requests have no field to choose a workflow by; list workflows instead")
	} else if len(s.GetValueMappedWorkflows()) > 0 {
		f.note(place+".value_mapped_workflows", "has no effect")
	}
	if len(s.GetWorkflows()) == 0 {
		f.fault(place+".workflows", "there are none")
	}
	for i, name := range s.GetWorkflows() {
		at := fmt.Sprintf("%s.workflows[%d]", place, i)
		if slices.Contains(s.GetWorkflows()[:i], name) {
			f.fault(at, "%q is there twice", name)
		}
		if len(l.workflows) > 0 && l.workflow(name) < 0 {
			f.fault(at, "%q is not in %s, which has %s", name, workflowFile, quoted(l.workflows, func(w graph.Spec) string { return w.Name }))
		}
	}
}

// checkNodes looks for the engine of every node that needs one.
func (l *loader) checkNodes() {
	if !l.enginesKnown {
		return
	}
	f := l.own(workflowFile)
	for i, w := range l.workflows {
		for j, n := range w.Nodes {
			if n.Type != ops.GeneralInfer || slices.ContainsFunc(l.engines, func(e Engine) bool { return e.Name == n.Name }) {
				continue
			}
			f.fault(fmt.Sprintf("workflows[%d].nodes[%d]", i, j), "no engine has the name %q; there are %s",
				n.Name, quoted(l.engines, func(e Engine) string { return e.Name }))
		}
	}
}

// quoted lists names for messages.
func quoted[T any](list []T, name func(T) string) string {
	if len(list) == 0 {
		return "none"
	}
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = fmt.Sprintf("%q", name(e))
	}
	return strings.Join(names, ", ")
}
