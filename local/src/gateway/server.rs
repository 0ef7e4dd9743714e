//! HTTP/1.1 in front of the gateway. Only what cannot be done on a whole request is done here: reading its body, and no
//! more of it than the quota.

use super::{Gateway, MAX_BODY};
use axum_server::Router;
use axum_server::body::Body;
use axum_server::extract::{ConnectInfo, Request};
use axum_server::middleware::{Next, from_fn};
use axum_server::response::IntoResponse;
use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// How long requests under way may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(3);
/// A pause after a connection that could not be accepted: the process may have too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How much a client may hold on to.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// The time from the opening of a connection, or from the answer before, to the end of a request's head.
    pub head: Duration,
    /// The time from the end of a request's head to the head of its answer: longer than any route's timeout.
    pub request: Duration,
    /// Connections at once. Others wait to be accepted.
    pub connections: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self { head: Duration::from_secs(30), request: Duration::from_secs(60), connections: 512 }
    }
}

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
    serve_with(ServerLimits::default(), router, listener, shutdown).await
}

/// The same, with other limits.
pub async fn serve_with(
    limits: ServerLimits,
    router: Router,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let router = router.layer(from_fn(move |request, next| within(limits.request, request, next)));
    let mut http = auto::Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(limits.head);
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let accept = async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
            let (stream, peer) = listener.accept().await?;
            Ok::<_, io::Error>((place, stream, peer))
        };
        let (place, stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let service = router.clone().map_request(move |request: http::Request<hyper::body::Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).into_owned();
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            // Its failures are the client's: a timeout, or a connection that was cut.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    // Connections that still send after that are cut off with the set of their tasks.
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    Ok(())
}

/// Gives up a request, and its connection, whose body or answer does not come.
async fn within(limit: Duration, request: Request, next: Next) -> axum_server::response::Response {
    let answer = tokio::time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| (StatusCode::REQUEST_TIMEOUT, [(header::CONNECTION, "close")]).into_response())
}
