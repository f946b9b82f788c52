package classify

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
)

//go:embed model.gz
var modelFile []byte

// header begins the unpacked file; the weights follow.
type header struct {
	Format      [8]byte
	Sources     Digest
	Scale       [columns]float32
	Temperature [2]float64
	AngryAbove  float64
}

var format = [8]byte{'w', 'a', 's', 'l', 'c', 'l', 's', '1'}

// Load reads the model that the program carries.
func Load() (*Model, error) { return Read(modelFile) }

// Read reads a model that Bytes made.
func Read(file []byte) (*Model, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("the classifier's model: %w", err)
	}
	var h header
	if err := binary.Read(unpacked, binary.LittleEndian, &h); err != nil {
		return nil, fmt.Errorf("the classifier's model: %w", err)
	}
	if h.Format != format {
		return nil, fmt.Errorf("the classifier's model has the format %q, not %q", h.Format, format)
	}
	m := &Model{
		weights: make([]int8, buckets*columns), scale: h.Scale, temperature: h.Temperature, angryAbove: h.AngryAbove, sources: h.Sources,
	}
	raw := make([]byte, len(m.weights))
	if _, err := io.ReadFull(unpacked, raw); err != nil {
		return nil, fmt.Errorf("the classifier's model: %w", err)
	}
	for i, b := range raw {
		m.weights[i] = int8(b)
	}
	return m, nil
}

// Bytes is the model as it is kept. Corrections are not part of it.
func (m *Model) Bytes() ([]byte, error) {
	var file bytes.Buffer
	packed, err := gzip.NewWriterLevel(&file, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	h := header{Format: format, Sources: m.sources, Scale: m.scale, Temperature: m.temperature, AngryAbove: m.angryAbove}
	if err := binary.Write(packed, binary.LittleEndian, h); err != nil {
		return nil, err
	}
	if err := binary.Write(packed, binary.LittleEndian, m.weights); err != nil {
		return nil, err
	}
	if err := packed.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}
