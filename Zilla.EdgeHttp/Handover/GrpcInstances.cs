using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Zilla.EdgeHttp.Handover;

/// <summary>
/// The instances of the gRPC edge: those that are named (<c>http://host:port</c>), and all that a name has (<c>dns:///host:port</c>). Each takes its turn; one that could not be reached is asked last for a while.
/// </summary>
internal sealed class GrpcInstances(IReadOnlyList<Uri> addresses, Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1), Remembered = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<Uri, long> _failed = new();
    private Known? _known;
    private int _turn;

    /// <summary>In the order in which to try them.</summary>
    public async ValueTask<IReadOnlyList<Uri>> OrderAsync(CancellationToken cancellationToken)
    {
        var known = _known;
        if (known is null || (known.MayChange && time.GetElapsedTime(known.At) > Remembered))
        {
            _known = known = new Known(time.GetTimestamp(), addresses.Any(IsName), await ResolveAsync(known, cancellationToken));
        }

        var (all, turn) = (known.Instances, (uint)Interlocked.Increment(ref _turn));
        return all.Count <= 1 ? all : [.. Enumerable.Range(0, all.Count).Select(i => all[(int)((turn + (uint)i) % (uint)all.Count)]).OrderBy(IsResting)];
    }

    public void Failed(Uri instance) => _failed[instance] = time.GetTimestamp();

    private static bool IsName(Uri address) => address.Scheme == "dns";

    private bool IsResting(Uri instance) => _failed.TryGetValue(instance, out var at) && time.GetElapsedTime(at) < Rest;

    private async Task<IReadOnlyList<Uri>> ResolveAsync(Known? before, CancellationToken cancellationToken)
    {
        var found = new List<Uri>();
        foreach (var address in addresses)
        {
            if (!IsName(address))
            {
                found.Add(address);
                continue;
            }

            try
            {
                var (host, port) = address.AbsolutePath.TrimStart('/').Split(':') is [var name, var text] ? (name, int.Parse(text, CultureInfo.InvariantCulture)) : throw new FormatException($"'{address}' is not of the form dns:///host:port");
                var all = await resolve(host, cancellationToken);
                var family = all.Any(a => a.AddressFamily == AddressFamily.InterNetwork) ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
                found.AddRange(all.Where(a => a.AddressFamily == family).Select(a => new Uri($"http://{new IPEndPoint(a, port)}")).Order(Comparer<Uri>.Create((one, other) => string.CompareOrdinal(one.Authority, other.Authority))));
            }
            catch (SocketException)
            {
                // The name service is away, or hides what is not ready: whoever was there may still be.
                return before?.Instances ?? [];
            }
        }

        return [.. found.Distinct()];
    }

    private sealed record Known(long At, bool MayChange, IReadOnlyList<Uri> Instances);
}
