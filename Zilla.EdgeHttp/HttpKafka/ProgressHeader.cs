using Zilla.Edge.Http;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.HttpKafka;

/// <summary>
/// <c>zilla-progress</c>: what a produce is answered with, and a read presents that must show it. Values are as in an ETag
/// (<see cref="EntityTag"/>), in quotes or not; of several all count.
/// </summary>
internal static class ProgressHeader
{
    public const string Name = "zilla-progress";

    /// <summary>What a produce came to; nothing where Kafka's client says no offset.</summary>
    public static void Write(HttpResponse response, KafkaProgress written)
    {
        if (written.Partitions.Length > 0)
        {
            response.Headers[Name] = written.ToBase64Url();
        }
    }

    /// <summary>What the answer must include, empty when nothing is asked for; null when it cannot be read, and the request has been answered.</summary>
    public static async Task<KafkaProgress?> ReadAsync(Exchange exchange)
    {
        if (!exchange.Request.Headers.TryGetValue(Name, out var lines))
        {
            return KafkaProgress.Empty;
        }

        var all = KafkaProgress.Empty;
        foreach (var value in exchange.Request.Headers.GetCommaSeparatedValues(Name))
        {
            if (EntityTag.TryParse(value.Trim('"')) is not { } progress)
            {
                // Whoever asks for an answer that shows its write must not get one that may not.
                await exchange.RejectAsync(StatusCodes.Status400BadRequest, $"The header {Name} does not hold a progress as a produce was answered with: {lines}");
                return null;
            }

            foreach (var (partition, offset) in progress.Partitions)
            {
                all = offset > (all[partition] ?? -1) ? all.With(partition, offset) : all;
            }
        }

        return all;
    }
}
