package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wasl/store/storetest"
)

// replicaSet is the installation of several instances as it is released: the binary over a MongoDB replica set that somebody else runs, in
// a database of its own, and a Redis. The rig can break the instances and Redis, and nothing between them and the store.
type replicaSet struct {
	client *mongo.Client
	db     *mongo.Database
	redis  redisServer
}

func newReplicaSet(w *world, binary, dir string, size int) error {
	server, name := os.Getenv(storetest.MongoDBVariable), fmt.Sprint("wasl_torture_", time.Now().UnixNano())
	if server == "" {
		return errors.New(storetest.MongoDBVariable + " names no MongoDB replica set")
	}
	uri := storetest.MongoDBAt(server, name)
	client, err := mongo.Connect(w.ctx, options.Client().ApplyURI(uri))
	if err != nil {
		return err
	}
	s := &replicaSet{client: client, db: client.Database(name)}
	w.tools = s
	if err := s.redis.open(); err != nil {
		return err
	}
	key := newKey()
	for n := range size {
		i, err := newInstance(n, binary, dir, "WASL_MONGODB_URI="+uri, "WASL_REDIS_URL="+s.redis.url(), "WASL_SECRET_KEY="+key)
		if err != nil {
			return err
		}
		w.instances = append(w.instances, i)
	}
	return nil
}

func (s *replicaSet) suffer(w *world, f fault) bool { return s.redis.suffer(w, f) }

func (s *replicaSet) waits(w *world) ([]string, error) { return s.left(w) }

func (s *replicaSet) left(w *world) (found []string, err error) {
	for _, collection := range transient {
		var rest []bson.Raw
		cursor, err := s.db.Collection(collection).Find(w.ctx, bson.D{}, options.Find().SetLimit(1000))
		if err == nil {
			err = cursor.All(w.ctx, &rest)
		}
		if err != nil {
			return nil, err
		}
		for _, doc := range rest {
			if !comesLater(doc) {
				found = append(found, fmt.Sprintf("%s %s is left: %s", collection, doc.Lookup("_id"), describe(doc)))
			}
		}
	}
	return found, nil
}

// close drops the database.
func (s *replicaSet) close() error {
	s.redis.stop()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return errors.Join(s.db.Drop(ctx), s.client.Disconnect(ctx))
}
