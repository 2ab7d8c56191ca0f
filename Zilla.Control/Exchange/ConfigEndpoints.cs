using Zilla.Control.Publishing;
using Zilla.Control.Status;

namespace Zilla.Control.Exchange;

/// <summary><c>GET /config</c> and <c>PUT /config</c>.</summary>
internal static class ConfigEndpoints
{
    public static void MapConfig(this WebApplication app)
    {
        app.MapMethods("/config", [HttpMethods.Get, HttpMethods.Head], GetAsync);
        app.MapPut("/config", PutAsync);
    }

    private static async Task<IResult> GetAsync(HttpContext context, PublicationHolder holder, ConfigToken token, ConfigWaiters waiters)
    {
        var whole = token.Accepts(context.Request);
        if (!whole && context.Request.Headers.Authorization.Count > 0)
        {
            return Unauthorized(context);
        }

        var known = context.Request.GetTypedHeaders().IfNoneMatch;
        var (publication, replaced) = holder.Observe();
        if (Preference.Wait(context.Request) is { } wait && Matches(publication.Published, whole, known))
        {
            context.Response.Headers["Preference-Applied"] = $"wait={(long)wait.TotalSeconds}";
            publication = await waiters.WaitAsync(current => !Matches(current.Published, whole, known), wait, context.RequestAborted);
        }

        if (publication.Published is not { } published)
        {
            return Problems.Of(context, StatusCodes.Status404NotFound, "Not found", "No configuration is in force.");
        }

        context.Response.Headers.ETag = Tag(published, whole);
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.Vary = "Authorization";
        return Matches(published, whole, known)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Text(whole ? published.Text : published.ShownText, "application/yaml; charset=utf-8");
    }

    private static async Task<IResult> PutAsync(HttpContext context, ConfigurationPublisher publisher, ConfigToken token)
    {
        if (!token.IsSet)
        {
            return Problems.Of(context, StatusCodes.Status403Forbidden, "Forbidden", "Configurations can be put once Control is started with a token in Zilla__ConfigToken, and sent with it: 'Authorization: Bearer <token>'.");
        }

        if (!token.Accepts(context.Request))
        {
            return Unauthorized(context);
        }

        var (text, refusal) = await ConfigBody.ReadAsync(context);
        if (text is null)
        {
            return refusal!;
        }

        var expected = context.Request.GetTypedHeaders().IfMatch;
        var outcome = publisher.Put(text, current => expected.Count == 0 || (current is not null && expected.Any(tag => tag.Tag == "*" || (!tag.IsWeak && (tag.Tag == current.Tag || tag.Tag == current.ShownTag)))));
        if (outcome.Published is { } published)
        {
            context.Response.Headers.ETag = published.Tag;
        }

        return outcome.Verdict switch
        {
            PutVerdict.Accepted => TypedResults.Json(new RevisionInForce(outcome.Published!.Revision, outcome.Published.Id.Epoch), StatusJson.Default.RevisionInForce),
            PutVerdict.Refused => Problems.Of(context, StatusCodes.Status422UnprocessableEntity, "The configuration has mistakes", Problems.Describe(outcome.Errors), outcome.Errors),
            PutVerdict.OutOfDate => Problems.Of(context, StatusCodes.Status412PreconditionFailed, "Precondition failed", "Another configuration is in force than the one that If-Match names."),
            PutVerdict.TooEarly => Problems.Of(context, StatusCodes.Status503ServiceUnavailable, "Not yet", "Control is still reading its own configuration."),
            _ => Problems.Of(context, StatusCodes.Status503ServiceUnavailable, "Not kept", "The state directory cannot be written; the configuration is not in force."),
        };
    }

    private static IResult Unauthorized(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Of(context, StatusCodes.Status401Unauthorized, "Unauthorized", "'Authorization: Bearer' with the token of Zilla__ConfigToken is needed.");
    }

    private static string Tag(Published published, bool whole) => whole ? published.Tag : published.ShownTag;

    private static bool Matches(Published? published, bool whole, IList<Microsoft.Net.Http.Headers.EntityTagHeaderValue> known) =>
        published is not null && known.Any(tag => tag.Tag == "*" || tag.Tag == Tag(published, whole));
}
