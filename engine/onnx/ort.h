// The part of onnxruntime's C interface that a run needs, called through its function
// table, whose order never changes. One call from Go creates the input and output
// values, runs the model and frees the inputs again.
#ifndef SAMPAN_ORT_H
#define SAMPAN_ORT_H

#include <stddef.h>
#include <stdint.h>

enum { SAMPAN_MAX_RANK = 16, SAMPAN_ROOM = 4096 };

// A tensor as it crosses the border.
typedef struct {
  // Elements; 0 for an output that the runtime makes. A number, as Go writes here: a
  // pointer would have its old value, which is long dead, told to the collector.
  uintptr_t data;
  size_t size;   // bytes at data
  int64_t dims[SAMPAN_MAX_RANK];
  int32_t rank;
  int32_t dtype; // ONNX's number
  void *value;   // the runtime's value of an output it made, to be released
  void *made;    // the elements of that value

  // A tensor of few bytes lies in C's memory instead of at data, and the runtime's
  // value over it is kept for the next run of the same type and shape.
  int32_t in_room;
  void *room;    // SAMPAN_ROOM bytes
  void *kept;
  size_t kept_size;
  int64_t kept_dims[SAMPAN_MAX_RANK];
  int32_t kept_rank;
  int32_t kept_dtype;
} sampan_tensor;

// Everything that one run needs, made once and used again.
typedef struct {
  int32_t n_inputs, n_outputs;
  char **input_names, **output_names;
  sampan_tensor *inputs, *outputs;
  void **input_values, **output_values;
  void *options;
} sampan_call;

// A declared input or output.
typedef struct {
  char *name;
  int32_t kind;  // 1 is a tensor
  int32_t dtype;
  int32_t rank;
  int64_t dims[SAMPAN_MAX_RANK];
  char *dim_names[SAMPAN_MAX_RANK];
} sampan_field;

// Each returns NULL, or a message to be freed.
char *sampan_library_version(const char *path, char **version);
char *sampan_library_use(const char *path, uint32_t api_version);
char *sampan_providers(char ***names, int32_t *n);
char *sampan_call_new(int32_t n_inputs, int32_t n_outputs, sampan_call **call);
char *sampan_call_run(void *session, sampan_call *call);
char *sampan_field_read(void *session, int is_output, int32_t index, sampan_field *field);
char *sampan_field_count(void *session, int is_output, int32_t *count);
char *sampan_strings_size(void *value, size_t *size);
char *sampan_strings_read(void *value, void *data, size_t size, size_t *offsets, size_t n);

void sampan_providers_free(char **names, int32_t n);
void sampan_call_terminate(sampan_call *call);
void sampan_call_unterminate(sampan_call *call);
void sampan_call_release(sampan_call *call);
void sampan_call_free(sampan_call *call);

#endif
