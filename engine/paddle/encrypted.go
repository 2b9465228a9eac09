package paddle

import (
	"crypto/aes"
	"crypto/cipher"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sampanml/sampan"
)

// Encrypted is the Paddle inference format as Paddle Serving's converter encrypts it:
// the files encrypt_model and encrypt_params are a program and all its parameters, each
// encrypted by AES in counter mode after 16 bytes that are the counter's start (the
// default of Paddle's CipherFactory). It implements engine.Translator.
type Encrypted struct {
	// Key has 16, 24 or 32 bytes.
	Key []byte
}

const (
	encryptedProgram, encryptedParams = "encrypt_model", "encrypt_params"

	plainProgram, plainParams = "__model__", "__params__"
)

// Find reports whether dir holds an encrypted model, and the paths of its files.
func (Encrypted) Find(dir string) (files []string, ok bool) {
	for _, name := range []string{encryptedProgram, encryptedParams} {
		if !isFile(os.DirFS(dir), name) {
			return nil, false
		}
		files = append(files, filepath.Join(dir, name))
	}
	return files, true
}

// Translate is that of [Format]. A wrong key makes a program of random bytes, so its
// error says that the key may be wrong.
func (e Encrypted) Translate(dir string) (model []byte, err error) {
	block, err := aes.NewCipher(e.Key)
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "a key of %d bytes, want 16, 24 or 32", len(e.Key))
	}
	model, err = Format{Program: plainProgram, Params: plainParams}.translate(decrypting{os.DirFS(dir), block})
	if err != nil {
		return nil, sampan.Errorf(sampan.CodeOf(err), "the key may be wrong: %w", err)
	}
	return model, nil
}

// decrypting shows the encrypted files under the names of the plain ones.
type decrypting struct {
	fs.FS
	block cipher.Block
}

// Open implements [fs.FS].
func (d decrypting) Open(name string) (fs.File, error) {
	switch name {
	case plainProgram:
		return d.open(encryptedProgram)
	case plainParams:
		return d.open(encryptedParams)
	}
	return d.FS.Open(name)
}

func (d decrypting) open(name string) (fs.File, error) {
	f, err := d.FS.Open(name)
	if err != nil {
		return nil, err
	}
	start := make([]byte, aes.BlockSize)
	if _, err := io.ReadFull(f, start); err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s is too short to be encrypted", name)
	}
	return &decryptedFile{f, cipher.NewCTR(d.block, start)}, nil
}

// decryptedFile is an encrypted file behind its first bytes.
type decryptedFile struct {
	fs.File
	stream cipher.Stream
}

// Read implements [fs.File].
func (f *decryptedFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	f.stream.XORKeyStream(p[:n], p[:n])
	return n, err
}

// Stat implements [fs.File]: the size is that of the plain file.
func (f *decryptedFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return decryptedInfo{info}, err
}

type decryptedInfo struct{ fs.FileInfo }

// Size is in bytes.
func (i decryptedInfo) Size() int64 { return i.FileInfo.Size() - aes.BlockSize }
