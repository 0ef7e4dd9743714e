//! HTTP/1.1 in front of the gateway. Only what cannot be done on a whole request is done here: reading its body, and no
//! more of it than the quota.

use super::{Gateway, MAX_BODY};
use axum_server::Router;
use axum_server::body::Body;
use axum_server::extract::{ConnectInfo, Request};
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long requests under way may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(3);

impl Gateway {
    /// Everything that is asked, to be put behind something else.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request| {
            let gateway = Arc::clone(&self);
            async move { gateway.receive(request, peer).await.map(Body::from) }
        })
    }

    /// Serves on `listener` until `shutdown` resolves, then lets the requests under way finish.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        serve(self.router(), listener, shutdown).await
    }

    async fn receive(&self, request: Request, peer: SocketAddr) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        match Limited::new(body, MAX_BODY).collect().await {
            Ok(body) => self.handle(http::Request::from_parts(parts, body.to_bytes()), peer.ip()).await,
            Err(error) if error.is::<LengthLimitError>() => self.refuse(&parts.method, StatusCode::PAYLOAD_TOO_LARGE),
            Err(_) => self.refuse(&parts.method, StatusCode::BAD_REQUEST),
        }
    }
}

/// Serves a router that ends in a gateway, like [`Gateway::serve`].
pub async fn serve(router: Router, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    // Axum would have the signal live as long as the program; dropping `stop` is the signal instead.
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let signal = async move { stopped.await.unwrap_or_default() };
    let serving = axum_server::serve(listener, service).with_graceful_shutdown(signal).into_future();
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended,
        () = shutdown => drop(stop),
    }
    // Whoever is still sending then is cut off.
    tokio::time::timeout(GRACE, serving).await.unwrap_or(Ok(()))
}
