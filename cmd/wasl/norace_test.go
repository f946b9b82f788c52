//go:build !race

package main

// buildFlags make the program that is tested look for races when its tests do.
var buildFlags = []string{"."}
