//! The server's executable; everything is in crate `cli`.

fn main() -> std::process::ExitCode {
    cli::main()
}
