// The journey with the official Java package. Prints the result of each step as one JSON document.

import com.descope.client.Config;
import com.descope.client.DescopeClient;
import com.descope.enums.DeliveryMethod;
import com.descope.exception.DescopeException;
import com.descope.model.auth.AuthenticationInfo;
import com.descope.model.auth.UpdateOptions;
import com.descope.model.jwt.Token;
import com.descope.model.magiclink.LoginOptions;
import com.descope.model.user.User;
import com.descope.model.user.request.UserRequest;
import com.descope.model.user.response.UserHistoryResponse;
import com.descope.model.user.response.UserResponse;
import com.descope.sdk.auth.AuthenticationService;
import com.descope.sdk.auth.MagicLinkService;
import com.descope.sdk.mgmt.UserService;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

public final class Journey {
  private static final String BASE_URL = System.getenv("DESCOPE_BASE_URL");
  private static final String REDIRECT = "https://app.example.com/verify";
  private static final String PHONE = "+14155550101";
  private static final String EMAIL = "ada@example.com";
  private static final String WHATSAPP = "+14155550103";
  private static final String EDITOR = "+14155550110";
  private static final String MEMBER = "+14155550111";
  private static final String TESTER = "+14155550112";
  private static final DeliveryMethod SMS = DeliveryMethod.SMS;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Object> report = new LinkedHashMap<>();
  private final AuthenticationService auth;
  private final MagicLinkService links;
  private final UserService users;

  /** A step, or a call that should fail. */
  private interface Attempt {
    void run() throws Exception;
  }

  private Journey(DescopeClient client) {
    auth = client.getAuthenticationServices().getAuthService();
    links = client.getAuthenticationServices().getMagicLinkService();
    users = client.getManagementServices().getUserService();
  }

  /** Runs all parts. A part that fails is reported, and the next one runs. */
  public static void main(String[] arguments) throws Exception {
    Config config = Config.builder()
        .projectId(System.getenv("DESCOPE_PROJECT_ID"))
        .managementKey(System.getenv("DESCOPE_MANAGEMENT_KEY"))
        .descopeBaseUrl(BASE_URL)
        .build();
    Journey journey = new Journey(new DescopeClient(config));
    journey.part("signUps", journey::signUps);
    journey.part("signIns", journey::signIns);
    journey.part("sessions", journey::sessions);
    journey.part("updates", journey::updates);
    journey.part("rights", journey::rights);
    journey.part("testUsers", journey::testUsers);
    System.out.println(JSON.writeValueAsString(journey.report));
  }

  private void part(String name, Attempt steps) {
    try {
      steps.run();
    } catch (Exception failure) {
      report.put("failed: " + name, failure.toString());
    }
  }

  private void signUps() throws Exception {
    User user = User.builder().name("Ada").phone(PHONE).build();
    String masked = links.signUp(SMS, PHONE, REDIRECT, user);
    String link = token(PHONE);
    AuthenticationInfo first = links.verify(link);
    report.put("signUpSms", seen(masked, first));
    User reader = User.builder().email(EMAIL).build();
    masked = links.signUp(DeliveryMethod.EMAIL, EMAIL, REDIRECT, reader);
    report.put("signUpEmail", seen(masked, links.verify(token(EMAIL))));
    User chatter = User.builder().phone(WHATSAPP).build();
    masked = links.signUp(DeliveryMethod.WHATSAPP, WHATSAPP, REDIRECT, chatter);
    report.put("signUpWhatsapp", seen(masked, links.verify(token(WHATSAPP))));

    report.put("reusedLink", refusal(() -> links.verify(link)));
    String[] parts = first.getToken().getJwt().split("\\.");
    String other = (parts[2].startsWith("A") ? "B" : "A") + parts[2].substring(1);
    String forged = String.join(".", parts[0], parts[1], other);
    report.put("tamperedSession", refusal(() -> auth.validateSessionWithToken(forged)));
    report.put("signUpAgain", refusal(() -> links.signUp(SMS, PHONE, REDIRECT, user)));
    report.put("unknownUser", refusal(() -> signIn(SMS, "+14155550199", null)));
  }

  private void signIns() throws Exception {
    LoginOptions options = LoginOptions.builder().customClaims(Map.of("tier", "gold")).build();
    report.put("signInSms", seen(signIn(SMS, PHONE, options), links.verify(token(PHONE))));
    String masked = signIn(DeliveryMethod.EMAIL, EMAIL, null);
    report.put("signInEmail", seen(masked, links.verify(token(EMAIL))));
    masked = signIn(DeliveryMethod.WHATSAPP, WHATSAPP, null);
    report.put("signInWhatsapp", seen(masked, links.verify(token(WHATSAPP))));
    for (String step : List.of("signUpOrInNew", "signUpOrInAgain")) {
      masked = links.signUpOrIn(DeliveryMethod.EMAIL, "bo@example.com", REDIRECT);
      report.put(step, seen(masked, links.verify(token("bo@example.com"))));
    }
  }

  private void sessions() throws Exception {
    String refresh = refreshToken();
    report.put("refresh", auth.refreshSessionWithToken(refresh).getClaims());
    report.put("me", person(auth.me(refresh)));
    List<Object> history = new ArrayList<>();
    for (UserHistoryResponse entry : auth.history(refresh)) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("userId", entry.getUserId());
      line.put("loginTime", entry.getLoginTime());
      line.put("ip", entry.getIp());
      history.add(line);
    }
    report.put("history", history);
    auth.logout(refresh);
    report.put("logout", refusal(() -> auth.refreshSessionWithToken(refresh)));

    String first = refreshToken();
    String second = refreshToken();
    report.put("beforeLogoutAll", refusal(() -> auth.refreshSessionWithToken(first)));
    auth.logoutAll(second);
    report.put("logoutAll", List.of(
        refusal(() -> auth.refreshSessionWithToken(first)),
        refusal(() -> auth.refreshSessionWithToken(second))));
  }

  private void updates() throws Exception {
    String refresh = refreshToken();
    UpdateOptions options = new UpdateOptions();
    String email = "ada.new@example.com";
    String masked = links.updateUserEmail(PHONE, email, REDIRECT, refresh, options);
    report.put("updateEmail", change(masked, email, refresh));
    String phone = "+14155550104";
    masked = links.updateUserPhone(SMS, PHONE, phone, REDIRECT, refresh, options);
    report.put("updatePhone", change(masked, phone, refresh));
  }

  private void rights() throws Exception {
    signIn(SMS, EDITOR, null);
    Token editor = links.verify(token(EDITOR)).getToken();
    Map<String, Object> rights = new LinkedHashMap<>();
    rights.put("hasRole", auth.validateRoles(editor, List.of("editor")));
    rights.put("hasRoles", auth.validateRoles(editor, List.of("editor", "owner")));
    rights.put("matchedRoles", auth.getMatchedRoles(editor, List.of("editor", "owner")));
    List<String> asked = List.of("edit", "delete");
    rights.put("hasPermission", auth.validatePermissions(editor, List.of("edit")));
    rights.put("hasPermissions", auth.validatePermissions(editor, asked));
    rights.put("matchedPermissions", auth.getMatchedPermissions(editor, asked));
    report.put("rights", rights);

    signIn(SMS, MEMBER, null);
    AuthenticationInfo login = links.verify(token(MEMBER));
    Token member = login.getToken();
    List<String> roles = List.of("viewer", "owner");
    List<String> permissions = List.of("read", "delete");
    rights = new LinkedHashMap<>();
    rights.put("hasRole", auth.validateRoles(member, "T1", List.of("viewer")));
    rights.put("hasRoles", auth.validateRoles(member, "T1", roles));
    rights.put("matchedRoles", auth.getMatchedRoles(member, "T1", roles));
    rights.put("hasPermission", auth.validatePermissions(member, "T1", List.of("read")));
    rights.put("hasPermissions", auth.validatePermissions(member, "T1", permissions));
    rights.put("matchedPermissions", auth.getMatchedPermissions(member, "T1", permissions));
    report.put("tenantRights", rights);
    report.put("elsewhere", List.of(
        auth.validateRoles(member, "T2", List.of("viewer")),
        auth.validatePermissions(member, "T2", List.of("read"))));
    AuthenticationInfo selected = auth.selectTenant("T1", login.getRefreshToken().getJwt());
    report.put("selectTenant", claims(selected));
  }

  private void testUsers() throws Exception {
    UserRequest request = UserRequest.builder()
        .phone(TESTER).verifiedPhone(true).roleNames(List.of("tester")).build();
    UserResponse made = users.createTestUser("tester", request).getUser();
    URI link = URI.create(users.generateMagicLinkForTestUser("tester", REDIRECT, SMS).getLink());
    Map<String, Object> seen = seen("", links.verify(link.getQuery().replaceFirst("^t=", "")));
    seen.put("made", person(made));
    seen.put("host", link.getAuthority());
    report.put("testUser", seen);
    users.deleteAllTestUsers();
    report.put("deletedTestUser",
        refusal(() -> users.generateMagicLinkForTestUser("tester", REDIRECT, SMS)));
  }

  private String signIn(DeliveryMethod method, String loginId, LoginOptions options) {
    return links.signIn(method, loginId, REDIRECT, null, options);
  }

  private String refreshToken() throws Exception {
    signIn(SMS, PHONE, null);
    return links.verify(token(PHONE)).getRefreshToken().getJwt();
  }

  /** The masked address of an update, and the user before and after its verification. */
  private Map<String, Object> change(String masked, String to, String refresh) throws Exception {
    Map<String, Object> change = new LinkedHashMap<>();
    change.put("masked", masked);
    change.put("before", person(auth.me(refresh)));
    links.verify(token(to));
    change.put("after", person(auth.me(refresh)));
    return change;
  }

  /** The result of a login, with the claims of its validated session. */
  private Map<String, Object> seen(String masked, AuthenticationInfo login) {
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("masked", masked);
    seen.put("user", person(login.getUser()));
    seen.put("firstSeen", login.getFirstSeen());
    seen.put("claims", claims(login));
    return seen;
  }

  private Map<String, Object> claims(AuthenticationInfo login) {
    return auth.validateSessionWithToken(login.getToken().getJwt()).getClaims();
  }

  private static Map<String, Object> person(UserResponse user) {
    Map<String, Object> person = new LinkedHashMap<>();
    person.put("userId", user.getUserId());
    person.put("loginIds", user.getLoginIds());
    person.put("email", user.getEmail());
    person.put("phone", user.getPhone());
    person.put("verifiedEmail", user.getVerifiedEmail());
    person.put("verifiedPhone", user.getVerifiedPhone());
    return person;
  }

  /** The error of a call that should fail; null if it succeeds. */
  private static Map<String, String> refusal(Attempt attempt) throws Exception {
    try {
      attempt.run();
      return null;
    } catch (DescopeException refused) {
      return Map.of("code", String.valueOf(refused.getCode()), "text", refused.getMessage());
    }
  }

  /** The token of the newest message to an address. */
  private static String token(String to) throws Exception {
    String address = URLEncoder.encode(to, StandardCharsets.UTF_8);
    URI inbox = URI.create(BASE_URL + "/_emulator/messages?wait=5s&to=" + address);
    HttpRequest request = HttpRequest.newBuilder(inbox).build();
    String found = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    return JSON.readTree(found).path("messages").path(0).path("token").asText();
  }
}
