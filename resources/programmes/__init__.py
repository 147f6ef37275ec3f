"""The packs that come with the program, and the script that publishes their schema."""
