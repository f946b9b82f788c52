package mongodb_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wasl/store"
	"wasl/store/mongodb"
	"wasl/store/storetest"
)

const (
	// explained is how many documents a collection has, in whose fields each of the values is equally often.
	explained = 2000
	// examined is how many of them a query may look at: a page, and what is equal where it goes on behind a cursor.
	examined = 51 + explained/10 + 10
)

var explainedValues = []string{equal, another, within, "abd", "ac", "b", "c", "d", "e", "f"}

// The same commands, explained by a real server over some documents: one index, no sort, and no more keys and documents are looked at than
// the answer needs.
func TestEveryQueryIsExplainedByTheServer(t *testing.T) {
	uri := os.Getenv(storetest.MongoDBVariable)
	if uri == "" {
		t.Skip("NOT RUN: WASL_TEST_MONGODB_URI names no MongoDB replica set, so no plan of a real server was seen")
	}
	name := fmt.Sprint("wasl_plans_", time.Now().UnixNano())
	client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(t, uri, name) })
	db := client.Database(name)
	server := mongodb.New(db)
	r := mongodb.NewRecorder(t)
	e := openPlain(t, r.URI())
	for _, engine := range []*mongodb.Engine{server, e} {
		if err := engine.Ensure(t.Context(), programSchemas()...); err != nil {
			t.Fatal(err)
		}
	}
	for _, schema := range programSchemas() {
		fill(t, db, schema)
		for _, ix := range append(schema.Indexes, store.Index{}) {
			for _, s := range shapes(t, schema, ix) {
				p := explain(t, db, ask(t, e, r, schema.Name, s.query))
				if err := p.answers(); err != nil {
					t.Errorf("%s: %s: %v\n%s", schema.Name, s.name, err, p.winning)
				}
			}
		}
	}
}

// fill stores documents with every mixture of the values in the fields of the indexes.
func fill(t *testing.T, db *mongo.Database, schema store.Schema) {
	t.Helper()
	draw := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // a repeatable test
	var docs []any
	for n := range explained {
		doc := map[string]any{"_id": fmt.Sprintf("%s%04d", explainedValues[n%len(explainedValues)], n)}
		for _, ix := range schema.Indexes {
			for _, f := range ix.Fields {
				set(doc, f.Path, explainedValues[draw.IntN(len(explainedValues))])
			}
		}
		docs = append(docs, doc)
	}
	if _, err := db.Collection(schema.Name).InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

// plan is how the server answered a command.
type plan struct {
	winning         string
	keys, documents int64
}

// explain returns how the server answers a find command.
func explain(t *testing.T, db *mongo.Database, command bson.Raw) plan {
	t.Helper()
	var find bson.D
	elements, _ := command.Elements()
	for _, e := range elements {
		switch e.Key() {
		case "find", "filter", "sort", "hint", "limit", "projection":
			find = append(find, bson.E{Key: e.Key(), Value: e.Value()})
		}
	}
	var answer bson.Raw
	ask := bson.D{{Key: "explain", Value: find}, {Key: "verbosity", Value: "executionStats"}}
	if err := db.RunCommand(t.Context(), ask).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return planOf(answer)
}

func planOf(answer bson.Raw) (p plan) {
	p.winning = answer.Lookup("queryPlanner", "winningPlan").String()
	p.keys, _ = answer.Lookup("executionStats", "totalKeysExamined").AsInt64OK()
	p.documents, _ = answer.Lookup("executionStats", "totalDocsExamined").AsInt64OK()
	return p
}

// answers reports what is wrong with a plan.
func (p plan) answers() error {
	switch {
	case !strings.Contains(p.winning, `"IXSCAN"`):
		return fmt.Errorf("no index is scanned")
	case strings.Contains(p.winning, `"COLLSCAN"`):
		return fmt.Errorf("the collection is scanned")
	case strings.Contains(p.winning, `"SORT"`):
		return fmt.Errorf("something is sorted")
	case p.keys > examined, p.documents > examined:
		return fmt.Errorf("%d keys and %d documents are looked at", p.keys, p.documents)
	}
	return nil
}

// A server's answers as its manual shows them, good and bad ones, so that the test above is known to see the difference.
func TestAPlanIsJudged(t *testing.T) {
	stage := func(name string, more ...bson.E) bson.D { return append(bson.D{{Key: "stage", Value: name}}, more...) }
	in := func(s bson.D) bson.E { return bson.E{Key: "inputStage", Value: s} }
	for name, test := range map[string]struct {
		winning    bson.D
		keys, docs int
		good       bool
	}{
		"an index in its order": {stage("LIMIT", in(stage("FETCH", in(stage("IXSCAN"))))), 51, 51, true},
		"several values, each in its order": {
			stage("LIMIT", in(stage("FETCH", in(stage("SORT_MERGE", bson.E{Key: "inputStages", Value: bson.A{
				stage("IXSCAN"),
				stage("IXSCAN"),
			}}))))), 53, 51, true,
		},
		"as newer servers wrap it": {
			bson.D{{Key: "isCached", Value: false}, {Key: "queryPlan", Value: stage("FETCH", in(stage("IXSCAN")))}}, 51, 51, true,
		},
		"a sort":          {stage("SORT", in(stage("FETCH", in(stage("IXSCAN"))))), 51, 51, false},
		"no index":        {stage("COLLSCAN"), 0, 51, false},
		"all of an index": {stage("LIMIT", in(stage("FETCH", in(stage("IXSCAN"))))), explained, 51, false},
		"all documents":   {stage("LIMIT", in(stage("FETCH", in(stage("IXSCAN"))))), 51, explained, false},
	} {
		answer, err := bson.Marshal(bson.D{
			{Key: "queryPlanner", Value: bson.D{{Key: "winningPlan", Value: test.winning}}},
			{Key: "executionStats", Value: bson.D{
				{Key: "totalKeysExamined", Value: test.keys},
				{Key: "totalDocsExamined", Value: test.docs},
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := planOf(answer).answers(); (err == nil) != test.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
