// Package resample resizes pictures of three bytes a pixel with the numbers of OpenCV
// 4.6 on x86: cv2.resize in all its interpolations.
package resample
