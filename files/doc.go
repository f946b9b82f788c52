// Package files keeps files: uploads and what providers sent, with thumbnails of pictures.
//
// A file is seen by its uploader until it is used, and then by whoever may see one of its owners: features say for their kind of owner who
// that is (Service.Owner). Nothing else lets a user see a file; a provider gets one by a link that only this installation can make.
package files
