#include "ort.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

// Positions in the function table.
enum {
  GET_ERROR_MESSAGE = 2,
  RUN = 9,
  SESSION_GET_INPUT_COUNT = 30,
  SESSION_GET_OUTPUT_COUNT = 31,
  SESSION_GET_INPUT_TYPE_INFO = 33,
  SESSION_GET_OUTPUT_TYPE_INFO = 34,
  SESSION_GET_INPUT_NAME = 36,
  SESSION_GET_OUTPUT_NAME = 37,
  CREATE_RUN_OPTIONS = 39,
  RUN_OPTIONS_SET_TERMINATE = 46,
  RUN_OPTIONS_UNSET_TERMINATE = 47,
  CREATE_TENSOR = 48,
  CREATE_TENSOR_WITH_DATA = 49,
  GET_TENSOR_DATA = 51,
  GET_STRINGS_SIZE = 53,
  GET_STRINGS = 54,
  CAST_TYPE_INFO_TO_TENSOR_INFO = 55,
  GET_ONNX_TYPE = 56,
  GET_ELEMENT_TYPE = 60,
  GET_DIMENSIONS_COUNT = 61,
  GET_DIMENSIONS = 62,
  GET_SYMBOLIC_DIMENSIONS = 63,
  GET_TENSOR_TYPE_AND_SHAPE = 65,
  CREATE_CPU_MEMORY_INFO = 69,
  ALLOCATOR_FREE = 76,
  GET_DEFAULT_ALLOCATOR = 78,
  RELEASE_STATUS = 93,
  RELEASE_VALUE = 96,
  RELEASE_RUN_OPTIONS = 97,
  RELEASE_TYPE_INFO = 98,
  RELEASE_TENSOR_INFO = 99,
  GET_AVAILABLE_PROVIDERS = 125,
  RELEASE_AVAILABLE_PROVIDERS = 126,
  GET_STRING_BUFFER = 252,
};

enum { DTYPE_STRING = 8, KIND_TENSOR = 1, ARENA_ALLOCATOR = 1, MEMORY_DEFAULT = 0 };

typedef void *status;

typedef struct {
  const void *(*get_api)(uint32_t);
  const char *(*get_version)(void);
} api_base;

static void *const *api;
static void *memory_info;
static void *allocator;

// FN(index, parameter types...) is the function at that position.
#define FN(index, ...) ((status(*)(__VA_ARGS__))api[index])
#define VOID_FN(index, ...) ((void (*)(__VA_ARGS__))api[index])

// text takes a status over as a message; NULL stays NULL.
static char *text(status s) {
  if (s == NULL) return NULL;
  char *out = strdup(((const char *(*)(status))api[GET_ERROR_MESSAGE])(s));
  VOID_FN(RELEASE_STATUS, status)(s);
  return out;
}

static char *open_base(const char *path, const api_base **base) {
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) return strdup(dlerror());
  const api_base *(*get)(void) = (const api_base *(*)(void))dlsym(library, "OrtGetApiBase");
  if (get == NULL) {
    dlclose(library);
    return strdup("it is not onnxruntime: OrtGetApiBase is missing");
  }
  *base = get();
  return NULL;
}

char *sampan_library_version(const char *path, char **version) {
  const api_base *base;
  char *err = open_base(path, &base);
  if (err == NULL) *version = strdup(base->get_version());
  return err;
}

char *sampan_library_use(const char *path, uint32_t api_version) {
  const api_base *base;
  char *err = open_base(path, &base);
  if (err != NULL) return err;
  api = base->get_api(api_version);
  if (api == NULL) return strdup("it does not have the interface that is needed");
  err = text(FN(CREATE_CPU_MEMORY_INFO, int, int, void **)(ARENA_ALLOCATOR, MEMORY_DEFAULT, &memory_info));
  if (err != NULL) return err;
  return text(FN(GET_DEFAULT_ALLOCATOR, void **)(&allocator));
}

char *sampan_providers(char ***names, int32_t *n) { return text(FN(GET_AVAILABLE_PROVIDERS, char ***, int *)(names, n)); }

void sampan_providers_free(char **names, int32_t n) { free(text(FN(RELEASE_AVAILABLE_PROVIDERS, char **, int)(names, n))); }

char *sampan_call_new(int32_t n_inputs, int32_t n_outputs, sampan_call **out) {
  sampan_call *c = calloc(1, sizeof *c);
  c->n_inputs = n_inputs;
  c->n_outputs = n_outputs;
  c->inputs = calloc(n_inputs + 1, sizeof *c->inputs);
  c->outputs = calloc(n_outputs + 1, sizeof *c->outputs);
  c->input_values = calloc(n_inputs + 1, sizeof *c->input_values);
  c->output_values = calloc(n_outputs + 1, sizeof *c->output_values);
  for (int32_t i = 0; i < n_inputs; i++) c->inputs[i].room = malloc(SAMPAN_ROOM);
  for (int32_t i = 0; i < n_outputs; i++) c->outputs[i].room = malloc(SAMPAN_ROOM);
  char *err = text(FN(CREATE_RUN_OPTIONS, void **)(&c->options));
  if (err != NULL) {
    sampan_call_free(c);
    return err;
  }
  *out = c;
  return NULL;
}

static void clear(sampan_tensor *tensors, int32_t n) {
  for (int32_t i = 0; i < n; i++) {
    if (tensors[i].kept != NULL) VOID_FN(RELEASE_VALUE, void *)(tensors[i].kept);
    free(tensors[i].room);
  }
  free(tensors);
}

void sampan_call_free(sampan_call *c) {
  if (c->options != NULL) VOID_FN(RELEASE_RUN_OPTIONS, void *)(c->options);
  clear(c->inputs, c->n_inputs);
  clear(c->outputs, c->n_outputs);
  free(c->input_values);
  free(c->output_values);
  free(c);
}

void sampan_call_terminate(sampan_call *c) { free(text(FN(RUN_OPTIONS_SET_TERMINATE, void *)(c->options))); }

void sampan_call_unterminate(sampan_call *c) { free(text(FN(RUN_OPTIONS_UNSET_TERMINATE, void *)(c->options))); }

// strings_value makes a string tensor of length-prefixed elements.
static status strings_value(const sampan_tensor *t, void **value) {
  status s = FN(CREATE_TENSOR, void *, const int64_t *, size_t, int, void **)(allocator, t->dims, t->rank, DTYPE_STRING, value);
  const char *p = (const char *)t->data, *end = p + t->size;
  for (size_t i = 0; s == NULL && p < end; i++) {
    uint32_t length;
    memcpy(&length, p, sizeof length);
    char *buffer;
    s = FN(GET_STRING_BUFFER, void *, size_t, size_t, char **)(*value, i, length, &buffer);
    if (s == NULL && length > 0) memcpy(buffer, p + sizeof length, length);
    p += sizeof length + length;
  }
  return s;
}

// room_value is the value over the tensor's room, made anew for another type or shape.
static status room_value(sampan_tensor *t, void **value) {
  size_t dims = t->rank * sizeof *t->dims;
  int same = t->kept != NULL && t->kept_size == t->size && t->kept_dtype == t->dtype && t->kept_rank == t->rank &&
             memcmp(t->kept_dims, t->dims, dims) == 0;
  if (!same) {
    if (t->kept != NULL) VOID_FN(RELEASE_VALUE, void *)(t->kept);
    t->kept = NULL;
    status s = FN(CREATE_TENSOR_WITH_DATA, void *, void *, size_t, const int64_t *, size_t, int, void **)(
        memory_info, t->room, t->size, t->dims, t->rank, t->dtype, &t->kept);
    if (s != NULL) return s;
    t->kept_size = t->size;
    t->kept_dtype = t->dtype;
    t->kept_rank = t->rank;
    memcpy(t->kept_dims, t->dims, dims);
  }
  *value = t->kept;
  return NULL;
}

static status tensor_value(sampan_tensor *t, void **value) {
  if (t->in_room) return room_value(t, value);
  if (t->dtype == DTYPE_STRING) return strings_value(t, value);
  return FN(CREATE_TENSOR_WITH_DATA, void *, void *, size_t, const int64_t *, size_t, int, void **)(
      memory_info, (void *)t->data, t->size, t->dims, t->rank, t->dtype, value);
}

// describe fills in an output that the runtime made.
static status describe(sampan_tensor *t) {
  void *info;
  status s = FN(GET_TENSOR_TYPE_AND_SHAPE, void *, void **)(t->value, &info);
  if (s != NULL) return s;
  size_t rank = 0;
  s = FN(GET_ELEMENT_TYPE, void *, int32_t *)(info, &t->dtype);
  if (s == NULL) s = FN(GET_DIMENSIONS_COUNT, void *, size_t *)(info, &rank);
  t->rank = (int32_t)rank;
  if (s == NULL && rank <= SAMPAN_MAX_RANK) s = FN(GET_DIMENSIONS, void *, int64_t *, size_t)(info, t->dims, rank);
  VOID_FN(RELEASE_TENSOR_INFO, void *)(info);
  if (s == NULL && t->dtype != DTYPE_STRING) s = FN(GET_TENSOR_DATA, void *, void **)(t->value, &t->made);
  return s;
}

void sampan_call_release(sampan_call *c) {
  for (int32_t i = 0; i < c->n_outputs; i++) {
    if (c->outputs[i].value == NULL) continue;
    VOID_FN(RELEASE_VALUE, void *)(c->outputs[i].value);
    c->outputs[i].value = NULL;
  }
}

// handed_in reports whether an output has memory already.
static int handed_in(const sampan_tensor *t) { return t->data != 0 || t->in_room; }

char *sampan_call_run(void *session, sampan_call *c) {
  status s = NULL;
  memset(c->input_values, 0, c->n_inputs * sizeof *c->input_values);
  memset(c->output_values, 0, c->n_outputs * sizeof *c->output_values);
  for (int32_t i = 0; s == NULL && i < c->n_inputs; i++) s = tensor_value(&c->inputs[i], &c->input_values[i]);
  for (int32_t i = 0; s == NULL && i < c->n_outputs; i++) {
    if (handed_in(&c->outputs[i])) s = tensor_value(&c->outputs[i], &c->output_values[i]);
  }
  if (s == NULL) {
    s = FN(RUN, void *, const void *, char *const *, void *const *, size_t, char *const *, size_t, void **)(
        session, c->options, c->input_names, c->input_values, c->n_inputs, c->output_names, c->n_outputs, c->output_values);
  }
  for (int32_t i = 0; i < c->n_inputs; i++) {
    if (c->input_values[i] != NULL && !c->inputs[i].in_room) VOID_FN(RELEASE_VALUE, void *)(c->input_values[i]);
  }
  for (int32_t i = 0; i < c->n_outputs; i++) {
    if (c->output_values[i] == NULL || c->outputs[i].in_room) continue;
    if (handed_in(&c->outputs[i]) || s != NULL) {
      VOID_FN(RELEASE_VALUE, void *)(c->output_values[i]);
      continue;
    }
    c->outputs[i].value = c->output_values[i];
    s = describe(&c->outputs[i]);
  }
  if (s != NULL) sampan_call_release(c);
  return text(s);
}

char *sampan_field_count(void *session, int is_output, int32_t *count) {
  size_t n = 0;
  char *err = text(FN(is_output ? SESSION_GET_OUTPUT_COUNT : SESSION_GET_INPUT_COUNT, void *, size_t *)(session, &n));
  *count = (int32_t)n;
  return err;
}

char *sampan_field_read(void *session, int is_output, int32_t index, sampan_field *f) {
  char *name;
  void *type;
  status s = FN(is_output ? SESSION_GET_OUTPUT_NAME : SESSION_GET_INPUT_NAME, void *, size_t, void *, char **)(
      session, index, allocator, &name);
  if (s != NULL) return text(s);
  f->name = strdup(name);
  free(text(FN(ALLOCATOR_FREE, void *, void *)(allocator, name)));
  s = FN(is_output ? SESSION_GET_OUTPUT_TYPE_INFO : SESSION_GET_INPUT_TYPE_INFO, void *, size_t, void **)(session, index, &type);
  if (s != NULL) return text(s);
  s = FN(GET_ONNX_TYPE, void *, int32_t *)(type, &f->kind);
  const void *info = NULL;  // belongs to type
  if (s == NULL && f->kind == KIND_TENSOR) {
    size_t rank = 0;
    const char *names[SAMPAN_MAX_RANK] = {0};
    s = FN(CAST_TYPE_INFO_TO_TENSOR_INFO, const void *, const void **)(type, &info);
    if (s == NULL) s = FN(GET_ELEMENT_TYPE, const void *, int32_t *)(info, &f->dtype);
    if (s == NULL) s = FN(GET_DIMENSIONS_COUNT, const void *, size_t *)(info, &rank);
    f->rank = (int32_t)rank;
    if (s == NULL && rank <= SAMPAN_MAX_RANK) {
      s = FN(GET_DIMENSIONS, const void *, int64_t *, size_t)(info, f->dims, rank);
      if (s == NULL) s = FN(GET_SYMBOLIC_DIMENSIONS, const void *, const char **, size_t)(info, names, rank);
      for (size_t i = 0; s == NULL && i < rank; i++) f->dim_names[i] = strdup(names[i] ? names[i] : "");
    }
  }
  VOID_FN(RELEASE_TYPE_INFO, void *)(type);
  return text(s);
}

char *sampan_strings_size(void *value, size_t *size) { return text(FN(GET_STRINGS_SIZE, void *, size_t *)(value, size)); }

char *sampan_strings_read(void *value, void *data, size_t size, size_t *offsets, size_t n) {
  return text(FN(GET_STRINGS, void *, void *, size_t, size_t *, size_t)(value, data, size, offsets, n));
}
