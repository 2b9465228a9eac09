// Package pictures has the ops for pictures that Paddle Serving's C++ server has, for a
// graph: GeneralDetectionOp before a text recogniser. Import it to have them registered.
package pictures
