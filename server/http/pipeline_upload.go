package http

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/protocol"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops"
)

// The names under which a body that is a file is known to the pipeline.
const (
	uploadedImage = "image"
	uploadedFile  = "body"
)

// uploads are the types of bodies that are files or have some.
var uploads = [...][]byte{[]byte("image/"), []byte("application/octet-stream"), []byte("multipart/form-data")}

// isUpload tells whether a body is a file or a form with files, and not the JSON of a call.
// What curl sends with --data-binary has the type of a form, so a picture is also known by
// its first bytes.
func isUpload(r *protocol.Request) bool {
	kind := r.Header.ContentType()
	for _, upload := range uploads {
		if bytes.HasPrefix(kind, upload) {
			return true
		}
	}
	body := r.BodyBytes()
	return len(body) > 0 && body[0] != '{' && isImage(body)
}

func isImage(data []byte) bool { return strings.HasPrefix(http.DetectContentType(data), "image/") }

// upload answers a call whose body is a file, or a form with files. Its other values are in
// the form and in the query. The answer has to be one text, or bytes: it is the reply's
// body.
func (f *pipelineFront) upload(ctx context.Context, c *app.RequestContext) error {
	values, err := uploaded(&c.Request)
	if err != nil {
		return err
	}
	c.QueryArgs().VisitAll(func(key, value []byte) {
		values = append(values, ops.Value{Name: string(key), Data: string(value)})
	})
	ctx, cancel, err := within(ctx, c)
	if err != nil {
		return err
	}
	defer cancel()
	result, err := f.pipeline.Call(ctx, c.Param("name"), ops.Call{Method: strings.Clone(c.Param("method")), Values: values})
	if err != nil {
		return err
	}
	if len(result) != 1 {
		return sampan.Errorf(sampan.Internal, "the pipeline gives %d values, and the reply to a file is one", len(result))
	}
	switch data := result[0].Data.(type) {
	case string:
		c.SetContentType("text/plain; charset=utf-8")
		if strings.HasPrefix(data, "[") || strings.HasPrefix(data, "{") {
			c.SetContentType(jsonType)
		}
		c.Response.SetBodyString(data)
		return nil
	case sampan.Tensor:
		if data.DType == sampan.Uint8 && len(data.Shape) == 1 {
			c.SetContentType("application/octet-stream")
			if isImage(data.Data) {
				c.SetContentType(http.DetectContentType(data.Data))
			}
			c.Response.SetBodyRaw(data.Data)
			return nil
		}
	}
	return sampan.Errorf(sampan.Internal, "the pipeline gives %q as neither a text nor bytes", result[0].Name)
}

// uploaded are the values of a request with files. They may outlive it.
func uploaded(r *protocol.Request) ([]ops.Value, error) {
	kind := string(r.Header.ContentType())
	if strings.HasPrefix(kind, "multipart/form-data") {
		return form(r.BodyBytes(), string(r.Header.MultipartFormBoundary()))
	}
	name := uploadedFile
	if strings.HasPrefix(kind, "image/") || isImage(r.BodyBytes()) {
		name = uploadedImage
	}
	return []ops.Value{file(name, r.BodyBytes())}, nil
}

// file is a file's bytes as a value, which has a copy of them.
func file(name string, data []byte) ops.Value {
	return ops.Value{Name: name, Data: sampan.Tensor{
		DType: sampan.Uint8, Shape: sampan.Shape{int64(len(data))}, Data: bytes.Clone(data),
	}}
}

// maxParts bounds the parts of a form.
const maxParts = 1000

// form reads the parts of a form: files as bytes, others as texts.
func form(body []byte, boundary string) (values []ops.Value, err error) {
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "the form is damaged or cut short: %w", err)
		}
		if len(values) == maxParts {
			return nil, sampan.Errorf(sampan.InvalidArgument, "the form has more than %d parts", maxParts)
		}
		data, err := io.ReadAll(part)
		switch {
		case err != nil:
			return nil, sampan.Errorf(sampan.InvalidArgument, "part %q of the form: %w", part.FormName(), err)
		case part.FormName() == "":
			return nil, sampan.Errorf(sampan.InvalidArgument, "part %d of the form has no name", len(values))
		case part.FileName() == "":
			values = append(values, ops.Value{Name: part.FormName(), Data: string(data)})
		default:
			values = append(values, file(part.FormName(), data))
		}
	}
}

// frontPage is the pipeline's own.
func (f *pipelineFront) frontPage(_ context.Context, c *app.RequestContext) {
	c.SetContentType("text/html; charset=utf-8")
	c.Response.Header.Set("X-Content-Type-Options", "nosniff")
	// Whatever the page has comes from this server.
	c.Response.Header.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'")
	c.Response.SetBodyRaw(f.about.Front)
}
