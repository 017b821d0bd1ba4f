"""The ways to sign in, in the modules where the official package has them: magic links."""
