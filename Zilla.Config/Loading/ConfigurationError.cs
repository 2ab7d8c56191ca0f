namespace Zilla.Config.Loading;

/// <summary>One mistake in a configuration, for people.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Path">Such as <c>bindings.north_tcp_server.routes[0].exit</c>; empty for the file as a whole.</param>
/// <param name="Message">Quotes values as they are written, so that what a variable of the environment stands for does not show; names as they read.</param>
public sealed record ConfigurationError(int Line, int Column, string Path, string Message);
