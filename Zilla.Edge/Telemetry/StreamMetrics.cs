using System.Diagnostics;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Telemetry;

/// <summary>
/// The streams of one binding (reference §3.5): those that clients open count as received, the answers to them as sent. What a stream is depends on the binding: a connection
/// of a tcp or mqtt server, a request of an http server and of what its routes lead to.
/// </summary>
public sealed class StreamMetrics
{
    public const string Name = "Zilla.Edge.Streams";

    private readonly BindingAttributes _attributes;
    private readonly Selected _received;
    private readonly Selected _sent;

    private StreamMetrics(BindingAttributes attributes, IReadOnlyList<string> metrics) =>
        (_attributes, _received, _sent) = (attributes, new(StreamInstruments.Received, metrics), new(StreamInstruments.Sent, metrics));

    /// <summary>Null: the binding's <c>telemetry</c> asks for none, so that nothing is counted.</summary>
    public static StreamMetrics? Of(string @namespace, BindingConfig binding) =>
        binding.Telemetry is { } telemetry && telemetry.Metrics.Any(name => name.StartsWith(StreamInstruments.Group, StringComparison.Ordinal))
            ? new(new(@namespace, binding.Name, telemetry), telemetry.Metrics)
            : null;

    /// <summary>A client has opened a stream.</summary>
    public StreamCount Open() => new(this);

    internal void Opened(bool sent) => Of(sent).Opened(_attributes.Fixed);

    internal void Data(bool sent, long bytes) => Of(sent).Data(bytes, _attributes.Fixed);

    internal void Ended(bool sent, bool failed) => Of(sent).Ended(failed, _attributes.Fixed);

    private Selected Of(bool sent) => sent ? _sent : _received;

    /// <summary>Those of one direction that the binding asks for.</summary>
    private sealed class Selected(StreamInstruments instruments, IReadOnlyList<string> metrics)
    {
        private readonly bool _opens = metrics.Contains(instruments.Opens.Name);
        private readonly bool _closes = metrics.Contains(instruments.Closes.Name);
        private readonly bool _errors = metrics.Contains(instruments.Errors.Name);
        private readonly bool _data = metrics.Contains(instruments.Data.Name);
        private readonly bool _active = metrics.Contains(instruments.Active.Name);

        public void Opened(in TagList tags)
        {
            if (_opens)
            {
                instruments.Opens.Add(1, tags);
            }

            if (_active)
            {
                instruments.Active.Add(1, tags);
            }
        }

        public void Data(long bytes, in TagList tags)
        {
            if (_data)
            {
                instruments.Data.Add(bytes, tags);
            }
        }

        public void Ended(bool failed, in TagList tags)
        {
            if (failed ? _errors : _closes)
            {
                (failed ? instruments.Errors : instruments.Closes).Add(1, tags);
            }

            if (_active)
            {
                instruments.Active.Add(-1, tags);
            }
        }
    }
}
