//! A login and consent app and a relying party to copy from; knows the server only over HTTP
