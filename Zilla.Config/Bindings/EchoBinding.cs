namespace Zilla.Config.Bindings;

/// <summary>Reference §2: sends back whatever comes in; below an http server a request's body, below a tcp server the bytes.</summary>
public sealed record EchoBinding : BindingConfig;
