//! stub
pub struct ClientCreated;
pub struct ClientReplacedView;
