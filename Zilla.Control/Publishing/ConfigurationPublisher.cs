using System.Security.Cryptography;
using System.Text;
using Zilla.Config.Loading;
using Zilla.Config.Plans;
using Zilla.Config.Plans.V1;
using Zilla.Config.Watching;
using Zilla.Control.Sources;

namespace Zilla.Control.Publishing;

/// <summary>
/// Turns what the source says, or what is put, into a publication: whole and with a revision of its own, or not at all. The last change wins: a put
/// configuration is in force until the source says something else than it did when it was put, restarts of Control included.
/// </summary>
internal sealed class ConfigurationPublisher(
    RevisionFile revisions, PutFile puts, PublicationHolder holder, ConfigurationFeed feed, Telemetry telemetry, IEnumerable<IPlanFollower> followers, TimeProvider time, ILogger<ConfigurationPublisher> logger)
{
    private readonly Lock _gate = new();
    private readonly ConfigurationSource _source = feed.Source;

    // As errors name it; files in it are relative to the folder of the source.
    private readonly ConfigurationSource _put = new("PUT /config", feed.Source.Folder);

    private KeptRevision? _kept;
    private PutConfiguration? _inPlace;
    private string? _sourceDigest;

    public void Publish(Reading reading)
    {
        using var activity = telemetry.Activities.StartActivity("load configuration");
        lock (_gate)
        {
            if (_kept is null)
            {
                _kept = revisions.Read();
                _inPlace = puts.Read() is { } put && put.Source == _source.Name ? put : null;
            }

            var outcome = Follow(reading);
            activity?.SetTag("zilla.outcome", outcome);
            activity?.SetTag("zilla.revision", holder.Current.Published?.Revision);
            telemetry.Loaded(outcome);
        }
    }

    /// <param name="text">Of a whole file.</param>
    /// <param name="expected">Says whether what is in force is what the sender wants to replace.</param>
    public PutOutcome Put(string text, Func<Published?, bool> expected)
    {
        using var activity = telemetry.Activities.StartActivity("put configuration");
        lock (_gate)
        {
            var outcome = _kept is null ? new PutOutcome(PutVerdict.TooEarly, null, [])
                : expected(holder.Current.Published) ? Replace(text)
                : new PutOutcome(PutVerdict.OutOfDate, holder.Current.Published, []);
            activity?.SetTag("zilla.outcome", outcome.Verdict.ToString());
            return outcome;
        }
    }

    private PutOutcome Replace(string text)
    {
        var result = Load(text, _put);
        if (!result.IsValid)
        {
            Log(result, _put);
            telemetry.Loaded("refused");
            holder.Replace(holder.Current with { RefusedPut = new RefusedPut(time.GetUtcNow(), result.Errors) });
            return new PutOutcome(PutVerdict.Refused, holder.Current.Published, result.Errors);
        }

        // Kept before it is published: what has been acknowledged survives.
        var (before, put) = (_inPlace, new PutConfiguration(text, time.GetUtcNow(), _source.Name, _sourceDigest));
        if (!puts.TryWrite(put) || Accept(result, text, _put, put.At) is not { } outcome)
        {
            puts.TryWrite(before);
            return new PutOutcome(PutVerdict.NotKept, holder.Current.Published, []);
        }

        _inPlace = put;
        telemetry.Loaded(outcome);
        return new PutOutcome(PutVerdict.Accepted, holder.Current.Published, []);
    }

    private string Follow(Reading reading)
    {
        var result = reading.Text is { } text ? Load(text, _source) : null;
        _sourceDigest = reading.Text is null ? _sourceDigest : Digest(Encoding.UTF8.GetBytes(reading.Text));
        if (_inPlace is { SourceDigest: null } && _sourceDigest is not null)
        {
            _inPlace = _inPlace with { SourceDigest = _sourceDigest };
            puts.TryWrite(_inPlace);
        }

        var changed = _inPlace is null || (result is not null && _inPlace.SourceDigest != _sourceDigest);
        if (changed && result is { IsValid: true })
        {
            if (Accept(result, reading.Text!, _source, null) is not { } outcome)
            {
                Complain([], "the state directory cannot be written");
                return "refused";
            }

            if (_inPlace is not null)
            {
                puts.TryWrite(null);
                _inPlace = null;
            }

            return outcome;
        }

        if (_inPlace is { } put && holder.Current.Published is null)
        {
            Restore(put);
        }

        return result is null ? Unreadable(reading.Problem!)
            : changed ? Refuse(result)
            : Settle();
    }

    /// <summary>After a restart. What was right then may be wrong now: variables of the environment, another version of Control.</summary>
    private void Restore(PutConfiguration put)
    {
        var result = Load(put.Text, _put);
        if (!result.IsValid)
        {
            Log(result, _put);
            holder.Replace(holder.Current with { RefusedPut = new RefusedPut(put.At, result.Errors) });
        }
        else
        {
            Accept(result, put.Text, _put, put.At);
        }
    }

    /// <summary>The source says what it said when another configuration was put in its place, be it right or wrong.</summary>
    private string Settle()
    {
        if (holder.Current is { Published: not null } current)
        {
            holder.Replace(current with { Problem = null, Errors = [] });
            return "superseded";
        }

        Complain([], $"what was put in place of {_source.Name} cannot be used");
        return "refused";
    }

    private string Refuse(ConfigurationResult result)
    {
        Log(result, _source);
        var first = result.Errors[0];
        Complain(result.Errors, result.Errors.Count == 1
            ? $"{_source.Name}:{first.Line}:{first.Column}: {first.Message}"
            : $"{result.Errors.Count} mistakes in {_source.Name}, the first at {first.Line}:{first.Column}: {first.Message}");
        return "refused";
    }

    private string Unreadable(string problem)
    {
        if (_source.Name.Length > 0)
        {
            ControlLog.Unreadable(logger, _source.Name, problem, InForce());
        }

        Complain([], _source.Name.Length > 0 ? $"{_source.Name} cannot be read: {problem}" : problem);
        return "unreadable";
    }

    /// <summary>Null if the revision could not be kept: then it is not published, or the next Control would give it to something else.</summary>
    private string? Accept(ConfigurationResult result, string text, ConfigurationSource from, DateTimeOffset? putAt)
    {
        var plans = PlanCompiler.Compile(result.Configuration!, 0);
        var digest = Digest([.. plans.OrderBy(plan => plan.Key, StringComparer.Ordinal).SelectMany(plan => PlanJson.Serialize(plan.Value))]);
        var next = digest == _kept!.Digest ? _kept with { Source = _source.Name } : _kept with { Revision = _kept.Revision + 1, Digest = digest, Source = _source.Name };
        if (next != _kept && !revisions.TryWrite(next))
        {
            return null;
        }

        var unchanged = next.Revision == holder.Current.Published?.Revision;
        _kept = next;
        holder.Replace(new Publication
        {
            Published = new Published(
                new PlanId { Epoch = next.Epoch, Revision = next.Revision },
                result.Configuration!,
                text,
                result.ShownText,
                time.GetUtcNow(),
                plans.ToDictionary(plan => plan.Key, plan => plan.Value with { Revision = next.Revision })),
            PutAt = putAt,
        });
        foreach (var follower in followers)
        {
            // Control has no plan of its own; what is for every service is in any.
            follower.Follow(plans[ServiceNames.KafkaCache]);
        }

        if (unchanged)
        {
            ControlLog.Unchanged(logger, from.Name, next.Revision);
            return "unchanged";
        }

        ControlLog.Published(
            logger, next.Revision, result.Configuration!.Name, from.Name, plans.Values.Sum(plan => plan.Listeners.Count), plans.Values.Sum(plan => plan.CachedClusters.Count));
        return "published";
    }

    private static ConfigurationResult Load(string text, ConfigurationSource source) => ConfigurationLoader.Load(text, source, Environment.GetEnvironmentVariable);

    private void Log(ConfigurationResult result, ConfigurationSource source)
    {
        ControlLog.Refused(logger, source.Name, result.Errors.Count, InForce());
        foreach (var error in result.Errors)
        {
            ControlLog.Mistake(logger, source.Name, error.Line, error.Column, error.Message);
        }
    }

    private void Complain(IReadOnlyList<ConfigurationError> errors, string problem) => holder.Replace(holder.Current with
    {
        Before = _kept is { Revision: > 0 } kept && kept.Source == _source.Name ? new PlanId { Epoch = kept.Epoch, Revision = kept.Revision } : null,
        Problem = problem,
        Errors = errors,
    });

    private string InForce() => holder.Current.Published is { } published ? $"revision {published.Revision} stays in force" : "nothing is in force";

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
