package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wasl/store/storetest"
)

// overMongoDB is the environment in which the subject keeps its data in a database instead of a folder: the same for the same folder.
func (s *subject) overMongoDB(dir string) []string {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, os.Getpid(), s.name, dir) // never fails
	name := fmt.Sprintf("wasl_bench_%x", h.Sum64())
	if !slices.Contains(s.databases, name) {
		s.databases = append(s.databases, name)
	}
	return []string{
		"WASL_MONGODB_URI=" + storetest.MongoDBAt(s.mongodb, name),
		"WASL_SECRET_KEY=" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
	}
}

// dropDatabases removes what was measured in.
func dropDatabases(s settings, subjects []*subject) (err error) {
	if s.mongodb == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(s.mongodb))
	if err != nil {
		return err
	}
	for _, sub := range subjects {
		for _, name := range sub.databases {
			err = errors.Join(err, client.Database(name).Drop(ctx))
		}
	}
	return errors.Join(err, client.Disconnect(ctx))
}
