package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"wasl/internal/access"
)

// commands is what the program understands.
func commands() *cobra.Command {
	root := &cobra.Command{
		Use: "wasl", Short: "The omnichannel inbox gateway.", SilenceErrors: true, // main prints them
		PersistentPreRun: func(cmd *cobra.Command, _ []string) { cmd.SilenceUsage = true }, // what was typed is understood
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		command("serve", "Run the gateway, configured by environment or wasl.yaml.", serve),
		demoCommand(), sandboxCommand(), userCommand(),
		command("doctor", "Check the configuration and what it points to.", doctor),
		command("health", "Ask the gateway that runs here whether it is ready.", health),
		folderCommand("backup FOLDER", "Copy the embedded store and media into a new folder.", backup),
		folderCommand("restore FOLDER", "Put a backup in the place of an empty data folder.", restore),
		command("openapi", "Print the OpenAPI document.", printOpenAPI),
		command("version", "Print the version.", func(context.Context) error {
			fmt.Println("wasl " + versionText()) //nolint:forbidigo // the command's output
			return nil
		}),
	)
	return root
}

func command(use, short string, run func(ctx context.Context) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context()) },
	}
}

func folderCommand(use, short string, run func(ctx context.Context, folder string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), args[0]) },
	}
}

func demoCommand() *cobra.Command {
	var d wholeDemo
	var noFloor bool
	c := command("demo", "Run the whole product on this machine with demo data and the provider sandbox.", func(ctx context.Context) error {
		d.floor = !noFloor
		return d.run(ctx)
	})
	c.Flags().StringVar(&d.sandboxListen, "sandbox-listen", "127.0.0.1:8081", "address of the provider sandbox")
	c.Flags().BoolVar(&noFloor, "no-floor", false, "let no simulated customers write and no simulated agents answer while somebody looks")
	return c
}

func sandboxCommand() *cobra.Command {
	var s sandboxAlone
	c := command("sandbox", "Run the provider sandbox alone.", func(ctx context.Context) error { return s.run(ctx) })
	c.Flags().StringVar(&s.listen, "listen", "127.0.0.1:8081", "address of the sandbox")
	c.Flags().StringVar(&s.dir, "dir", "./data/sandbox", "where phones and chats are kept")
	c.Flags().StringVar(&s.callback, "callback", "",
		"where WhatsApp's webhooks go: the channel's webhook address; the page and the providers' APIs set those of all kinds")
	return c
}

func userCommand() *cobra.Command {
	var u userToAdd
	add := command("add",
		"Add a user, and the workspace if no other has or had its name. With the embedded store: while serve is stopped.",
		func(ctx context.Context) error { return u.add(ctx) })
	add.Flags().StringVar(&u.email, "email", "", "the address to sign in with")
	add.Flags().StringVar(&u.password, "password", "", "at least 8 characters")
	add.Flags().StringVar(&u.workspace, "workspace", "", "the workspace's id, or its present name")
	add.Flags().BoolVar(&u.create, "create-workspace", false, "make a new workspace, also where another once had the name")
	add.Flags().StringVar(&u.role, "role", string(access.Agent), "what the user may do: owner, admin, supervisor or agent")
	add.Flags().StringVar(&u.name, "name", "", "what the user is called")
	for _, flag := range []string{"email", "password", "workspace"} {
		_ = add.MarkFlagRequired(flag) // they are there
	}
	users := &cobra.Command{Use: "user", Short: "Manage users."}
	users.AddCommand(add)
	return users
}
